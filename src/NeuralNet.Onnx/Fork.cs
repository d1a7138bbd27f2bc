using NeuralNet.Onnx.Messages;
using NeuralNet.Onnx.Operators;

namespace NeuralNet.Onnx;

/// <summary>The branches that read one value, while they are followed to where they come together again.</summary>
internal sealed class Fork
{
    private readonly Dictionary<Join, List<(int Input, Branch Branch)>> _waiting = new(ReferenceEqualityComparer.Instance);
    private readonly Queue<Join> _complete = [];

    /// <summary>The number of branches that have not come together yet.</summary>
    public int Open { get; private set; }

    /// <summary>A branch ends at an input of a join.</summary>
    public void Arrive((Join Join, int Input) end, Branch branch)
    {
        if (!_waiting.TryGetValue(end.Join, out var branches))
        {
            _waiting[end.Join] = branches = [];
        }

        branches.Add((end.Input, branch));
        Open++;
        if (branches.Count == end.Join.Values)
        {
            _complete.Enqueue(end.Join);
        }
    }

    /// <summary>Takes the branches out of a join that all of whose values are branches of this fork, in the order of its inputs.</summary>
    /// <exception cref="OnnxFormatException">There is no such join.</exception>
    public (Join Join, Branch[] Branches) Take()
    {
        if (!_complete.TryDequeue(out var join))
        {
            var (open, there) = _waiting.MinBy(pair => pair.Value.Count - pair.Key.Values);
            throw Refusal.Of(open.Node, FormattableString.Invariant(
                $"joins {open.Values} values, of which {there.Count}, such as '{Refusal.Short(open.Node.Input[there[0].Input])}', ") +
                "are branches of one value; a layer joins branches that all start from one value");
        }

        _waiting.Remove(join, out var branches);
        Open -= branches!.Count;
        return (join, [.. branches.OrderBy(branch => branch.Input).Select(branch => branch.Branch)]);
    }
}
