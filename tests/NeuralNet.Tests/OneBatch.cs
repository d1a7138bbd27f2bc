using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests;

/// <summary>A mini-batch through one layer, forward and back, as the network's pipeline does it.</summary>
internal static class OneBatch
{
    public static LayerPass Through(Layer layer, Matrix<double>[] x, Matrix<double>[] outputError, long seed = 1)
    {
        var batchLayer = (IBatchLayer)layer;
        var shape = batchLayer.OutputShape(Shape.Of(x[0]))!.Value;
        var pass = new LayerPass
        {
            Count = x.Length,
            Training = true,
            Seed = seed,
            Input = Of(x),
            Output = Batch.New(shape, x.Length),
            OutputError = Of(outputError),
            InputError = Batch.New(Shape.Of(x[0]), x.Length),
        };
        (layer as IWholeBatchLayer)?.BeforeForward(pass);
        batchLayer.Forward(pass, 0, x.Length);
        (layer as IWholeBatchLayer)?.BeforeInputErrors(pass);
        batchLayer.InputErrors(pass, 0, x.Length);
        batchLayer.AddGradients(pass, 0, batchLayer.GradientColumns);
        return pass;
    }

    public static Matrix<double>[] Samples(Batch batch, int count) => [.. Enumerable.Range(0, count).Select(batch.CopyOf)];

    private static Batch Of(Matrix<double>[] samples)
    {
        var batch = Batch.New(Shape.Of(samples[0]), samples.Length);
        for (int i = 0; i < samples.Length; i++)
        {
            samples[i].ToColumnMajorArray().CopyTo(batch[i]);
        }

        return batch;
    }
}
