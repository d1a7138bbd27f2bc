using System.Numerics.Tensors;
using NeuralNet.Guards;

namespace NeuralNet.Batches;

/// <summary>A <see cref="BatchLayer"/> as a step: whole mini-batches, in ranges.</summary>
/// <param name="layer">The layer.</param>
/// <param name="source">The step whose output it reads.</param>
/// <param name="place">Where it stands in a branch; null where it does not.</param>
internal sealed class LayerStep(BatchLayer layer, int source, BranchPlace? place) : Step([source], layer.Name)
{
    /// <summary>The parameters of a user's layer, which should stay the same; null for the library's, which do.</summary>
    private readonly Parameter[]? _parameters = UserCode.IsUsers(layer) ? [.. layer.Parameters] : null;

    public override bool Learns => layer.Learns;

    public override bool LearnsOnTheWayBack => layer.Learns && layer.LearnsOnTheWayBack;

    public override int GradientColumns { get; } = layer.Learns ? layer.CheckedGradientColumns() : 0;

    public override bool NeedsCallingThread => layer.NeedsCallingThread;

    public override bool SeesWholeBatch { get; } = layer.SeesWholeBatch;

    public override bool Begins => layer.IsRandom;

    public override Step InStream(bool ofSteps) => ofSteps && layer.CallNewStreamState() is var state && state != StreamState.RowByRow
        ? new StateStep(layer, state, Sources[0], place)
        : this;

    public override void Begin(Random random, double learningRate) => Buffers.Seed = layer.NextSeed(random);

    public override void MakeRoom(int capacity)
    {
        try
        {
            Buffers.MakeRoom(layer, capacity);
        }
        catch (ArgumentException e) when (place is not null)
        {
            throw place.Name(e);
        }
    }

    public override void MakeErrorRoom(int capacity) =>
        Buffers.InputError = Adds[0] ? Batch.New(Buffers.Input.Shape, capacity) : SourceErrors[0];

    public override void CheckBatch(int samples) => layer.CallCheckBatch(samples);

    public override void BeforeForward() => layer.CallBeforeForward(new ForwardPass(Buffers, 0, Buffers.Count), Buffers.Shared);

    public override void BeforeBackward() => layer.CallBeforeBackward(new BackwardPass(Buffers, 0, Buffers.Count), Buffers.Shared);

    public override void Forward(int from, int to) => layer.CallForward(new ForwardPass(Buffers, from, to));

    public override void Backward(int from, int to)
    {
        layer.CallBackward(new BackwardPass(Buffers, from, to));
        AddError(from, to);
    }

    public override void AddGradients(int from, int to)
    {
        RequireSameParameters();
        layer.CallAddGradients(new GradientPass(layer, Buffers, from, to));
    }

    public override void BackwardAndUpdate(double learningRate)
    {
        if (GradientColumns == 0)
        {
            Backward(0, 1);
            return;
        }

        RequireSameParameters();
        layer.CallBackwardAndUpdate(new BackwardPass(Buffers, 0, 1), learningRate);
        AddError(0, 1);
    }

    /// <summary>Whoever updates the parameters has taken them before: gradients of others would be lost.</summary>
    private void RequireSameParameters()
    {
        if (_parameters is not null && !AreSame(_parameters, layer.Parameters))
        {
            throw UserCode.Refusal($"{Name}'s Parameters are not the same objects as before; they must always be, in the same order.");
        }
    }

    private static bool AreSame(Parameter[] before, IReadOnlyList<Parameter> now)
    {
        bool same = now.Count == before.Length;
        for (int i = 0; same && i < before.Length; i++)
        {
            same = ReferenceEquals(now[i], before[i]);
        }

        return same;
    }

    private void AddError(int from, int to)
    {
        if (Adds[0])
        {
            TensorPrimitives.Add(SourceErrors[0].Range(from, to), Buffers.InputError.Range(from, to), SourceErrors[0].Range(from, to));
        }
    }
}
