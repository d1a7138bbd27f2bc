namespace NeuralNet.Guards;

/// <summary>What a user's function threw, told with the name of the function or of its layer.</summary>
internal static class UserCode
{
    private const string NamesItself = "NeuralNet.NamesItself";

    /// <summary>Whether an exception is to be given a name: one that only asks for an end passes as it is.</summary>
    public static bool HasNoName(Exception e) => e is not OperationCanceledException && !e.Data.Contains(NamesItself);

    /// <summary>Whether an object is of a class that is not the library's own.</summary>
    public static bool IsUsers(object one) => one.GetType().Assembly != typeof(UserCode).Assembly;

    /// <summary>A refusal of the library's own in the midst of a user's code, which names what it is about.</summary>
    public static InvalidOperationException Refusal(string message)
    {
        var refusal = new InvalidOperationException(message);
        refusal.Data.Add(NamesItself, true);
        return refusal;
    }

    /// <summary>The exception with a name.</summary>
    /// <param name="what">The function: <c>SquareLayer's ForwardPropagation</c>.</param>
    /// <param name="e">What it threw.</param>
    /// <param name="wayOut">What to do about it, where that is known.</param>
    public static InvalidOperationException Named(string what, Exception e, string? wayOut = null) =>
        new($"{what} threw {e.GetType().Name}: {e.Message}{(wayOut is null ? "" : $" {wayOut}")}", e);

    /// <summary>The exception with a name, which it keeps where it passes through other code of a user's.</summary>
    public static InvalidOperationException NamedForGood(string what, Exception e)
    {
        var named = Named(what, e);
        named.Data.Add(NamesItself, true);
        return named;
    }
}
