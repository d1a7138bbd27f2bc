namespace NeuralNet.Delegates;

/// <summary>Finds what a user's two delegates, a function and its derivative, are among the library's own.</summary>
internal static class KnownPair
{
    /// <param name="known">The library's own values, with the name and the two delegates of each.</param>
    /// <param name="given">The user's delegates.</param>
    /// <param name="mismatch">Words the refusal of two functions of the library that do not belong together, from their names and the name
    /// of the value that the first is of.</param>
    /// <returns>The value; null where either delegate is the user's own.</returns>
    public static TValue? Find<TValue, TFunction, TDerivative>(
        IEnumerable<(TValue Value, string Name, TFunction Function, TDerivative Derivative)> known,
        (TFunction Function, TDerivative Derivative) given,
        Func<(string Function, string Derivative), string, ArgumentException> mismatch)
        where TValue : class
        where TFunction : Delegate
        where TDerivative : Delegate
    {
        var functions = known.SelectMany(
            one => new[] { (one, one.Name, Delegate: (Delegate)one.Function), (one, one.Name + "Prime", one.Derivative) });
        var (first, firstName, _) = functions.FirstOrDefault(function => Forwarding.Leads(given.Function, function.Delegate));
        var (second, secondName, _) = functions.FirstOrDefault(function => Forwarding.Leads(given.Derivative, function.Delegate));
        return first.Value is null || second.Value is null ? null
            : firstName == first.Name && secondName == first.Name + "Prime" ? first.Value
            : throw mismatch((firstName, secondName), first.Name);
    }
}
