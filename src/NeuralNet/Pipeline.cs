using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet;

/// <summary>The layers of a network with the buffers between them: one layer's output is the next one's input.</summary>
internal sealed class Pipeline
{
    private readonly IBatchLayer[] _layers;
    private readonly LayerPass[] _passes;
    private readonly Criterion _criterion;

    private Pipeline(IBatchLayer[] layers, Shape input, Criterion criterion)
    {
        _layers = layers;
        _passes = new LayerPass[layers.Length];
        _criterion = criterion;
        Input = input;
        var shape = input;
        var inputError = default(Batch);
        for (int i = 0; i < layers.Length; i++)
        {
            shape = layers[i].OutputShape(shape)!.Value;
            var outputError = Batch.New(shape, 1);
            _passes[i] = new LayerPass
            {
                Input = i == 0 ? default : _passes[i - 1].Output,
                Output = Batch.New(shape, 1),
                OutputError = outputError,
                InputError = inputError,
            };
            inputError = outputError;
        }
    }

    private Shape Input { get; }

    private LayerPass Last => _passes[^1];

    /// <summary>The layers with their buffers, or null where one of them is a user's own, which knows the article's two methods only.</summary>
    public static Pipeline? TryMake(IReadOnlyList<Layer> layers, Shape input, Criterion criterion)
    {
        var batchLayers = layers.OfType<IBatchLayer>().ToArray();
        return batchLayers.Length == layers.Count ? new Pipeline(batchLayers, input, criterion) : null;
    }

    /// <summary>One step of training: forward, loss, backward with update. Returns the loss; where it is not finite nothing is updated.</summary>
    public double Step(Matrix<double> x, Matrix<double> y, double learningRate)
    {
        _passes[0].Input = Batch.Of(x, Input);
        for (int i = 0; i < _layers.Length; i++)
        {
            _layers[i].Forward(_passes[i]);
        }

        double loss = _criterion.Loss(y, Last.Output);
        if (!double.IsFinite(loss))
        {
            return loss;
        }

        _criterion.Prime(y, Last.Output, Last.OutputError);
        for (int i = _layers.Length - 1; i >= 0; i--)
        {
            _layers[i].BackwardAndUpdate(_passes[i], learningRate);
        }

        return loss;
    }
}
