using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet;

/// <summary>The layers of a network with the buffers between them: one layer's output is the next one's input.</summary>
internal sealed class Pipeline
{
    private readonly IBatchLayer[] _layers;
    private readonly LayerPass[] _passes;

    private Pipeline(IBatchLayer[] layers, Shape input)
    {
        _layers = layers;
        _passes = new LayerPass[layers.Length];
        Input = input;
        var shape = input;
        for (int i = 0; i < layers.Length; i++)
        {
            shape = layers[i].OutputShape(shape)!.Value;
            _passes[i] = new LayerPass { Input = i == 0 ? default : _passes[i - 1].Output, Output = Batch.New(shape, 1) };
        }
    }

    /// <summary>The shape of a sample that the buffers are for.</summary>
    public Shape Input { get; }

    private LayerPass Last => _passes[^1];

    /// <summary>The layers with their buffers, or null where one of them is a user's own, which knows the article's two methods only.</summary>
    public static Pipeline? TryMake(IReadOnlyList<Layer> layers, Shape input)
    {
        var batchLayers = layers.OfType<IBatchLayer>().ToArray();
        return batchLayers.Length == layers.Count ? new Pipeline(batchLayers, input) : null;
    }

    /// <summary>Y for a given X.</summary>
    public Matrix<double> Predict(Matrix<double> x)
    {
        Forward(x);
        return Last.Output.CopyOf(0);
    }

    /// <summary>One step of training: forward, loss, backward with update. Returns the loss; where it is not finite nothing is updated.</summary>
    public double Step(Criterion criterion, Matrix<double> x, Matrix<double> y, double learningRate)
    {
        if (Last.OutputError.IsEmpty)
        {
            MakeErrors();
        }

        Forward(x);
        double loss = criterion.Loss(y, Last.Output);
        if (!double.IsFinite(loss))
        {
            return loss;
        }

        criterion.Prime(y, Last.Output, Last.OutputError);
        for (int i = _layers.Length - 1; i >= 0; i--)
        {
            _layers[i].BackwardAndUpdate(_passes[i], learningRate);
        }

        return loss;
    }

    private void Forward(Matrix<double> x)
    {
        _passes[0].Input = Batch.Of(x, Input);
        for (int i = 0; i < _layers.Length; i++)
        {
            _layers[i].Forward(_passes[i]);
        }
    }

    /// <summary>Nobody reads the first layer's dE/dX: its pass has no place for it.</summary>
    private void MakeErrors()
    {
        for (int i = 0; i < _passes.Length; i++)
        {
            _passes[i].OutputError = Batch.New(_passes[i].Output.Shape, 1);
            _passes[i].InputError = i == 0 ? default : _passes[i - 1].OutputError;
        }
    }
}
