namespace NeuralNet;

/// <summary>Where a layer stands: in a branch of another layer, which may stand in one itself.</summary>
/// <param name="Layer">The layer around it.</param>
/// <param name="Branch">The number of the branch.</param>
/// <param name="At">Its place in the branch.</param>
/// <param name="Outer">Where the layer around it stands; null where that is not known, or in no other.</param>
internal sealed record BranchPlace(CompositeLayer Layer, int Branch, int At, BranchPlace? Outer = null)
{
    private const string Places = "NeuralNet.Places";

    /// <summary>Of places within places so many are named, the innermost: each takes its part of the message and of the stack.</summary>
    private const int MostNamed = 8;

    /// <summary>Whether a refusal has room for one more place.</summary>
    public static bool HasRoom(ArgumentException e) => CountOf(e) < MostNamed;

    /// <summary>The refusal of the layer, or of one within it, with the place, and those around it.</summary>
    public ArgumentException Name(ArgumentException e)
    {
        int places = CountOf(e);
        string words = Check.Words(e);
        string within = places == 0 ? words : string.Concat("i", words.AsSpan(1));
        var named = new ArgumentException(
            FormattableString.Invariant($"In {Layer.NameOfBranch(Branch)}, layer {At}: {within}"), e.ParamName, e.InnerException);
        named.Data.Add(Places, places + 1);
        return Outer is not null && HasRoom(named) ? Outer.Name(named) : named;
    }

    private static int CountOf(ArgumentException e) => e.Data[Places] as int? ?? 0;
}
