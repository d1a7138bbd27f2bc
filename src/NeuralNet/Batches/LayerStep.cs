using System.Numerics.Tensors;

namespace NeuralNet.Batches;

/// <summary>A <see cref="BatchLayer"/> as a step: whole mini-batches, in ranges.</summary>
internal sealed class LayerStep(BatchLayer layer, int source) : Step([source], layer.Name)
{
    public override bool Learns => layer.Learns;

    public override bool LearnsOnTheWayBack => layer.Learns && layer.LearnsOnTheWayBack;

    public override int GradientColumns { get; } = layer.Learns ? layer.GradientColumns : 0;

    public override bool NeedsCallingThread => layer.NeedsCallingThread;

    public override bool SeesWholeBatch { get; } = layer.SeesWholeBatch;

    public override bool Begins => layer.IsRandom;

    public override void Begin(Random random, double learningRate) => Buffers.Seed = layer.NextSeed(random);

    public override void MakeRoom(int capacity) => Buffers.MakeRoom(layer, capacity);

    public override void MakeErrorRoom(int capacity) =>
        Buffers.InputError = Adds[0] ? Batch.New(Buffers.Input.Shape, capacity) : SourceErrors[0];

    public override void CheckBatch(int samples) => layer.CheckBatch(samples);

    public override void BeforeForward() => layer.BeforeForward(new ForwardPass(Buffers, 0, Buffers.Count), Buffers.Shared);

    public override void BeforeBackward() => layer.BeforeBackward(new BackwardPass(Buffers, 0, Buffers.Count), Buffers.Shared);

    public override void Forward(int from, int to) => layer.Forward(new ForwardPass(Buffers, from, to));

    public override void Backward(int from, int to)
    {
        layer.Backward(new BackwardPass(Buffers, from, to));
        AddError(from, to);
    }

    public override void AddGradients(int from, int to) => layer.AddGradients(new GradientPass(layer, Buffers, from, to));

    public override void BackwardAndUpdate(double learningRate)
    {
        layer.BackwardAndUpdate(new BackwardPass(Buffers, 0, 1), learningRate);
        AddError(0, 1);
    }

    private void AddError(int from, int to)
    {
        if (Adds[0])
        {
            TensorPrimitives.Add(SourceErrors[0].Range(from, to), Buffers.InputError.Range(from, to), SourceErrors[0].Range(from, to));
        }
    }
}
