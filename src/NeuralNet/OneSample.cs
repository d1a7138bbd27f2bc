using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet;

/// <summary>The article's methods on one matrix, as the library's own layers give them: passes over a batch of one.</summary>
internal static class OneSample
{
    public static Matrix<double> PredictOne(this IBatchLayer layer, Matrix<double> input)
    {
        ArgumentNullException.ThrowIfNull(input);
        Check.NotEmpty(input, "The input", nameof(input));
        var shape = Shape.Of(input);
        var pass = new LayerPass { Input = Batch.Of(input, shape), Output = Batch.New(layer.OutputShape(shape)!.Value, 1) };
        layer.Forward(pass);
        return pass.Output.AsMatrix();
    }

    public static Matrix<double> BackwardOne<TLayer>(this TLayer layer, Matrix<double> outputError)
        where TLayer : Layer, IBatchLayer
    {
        var pass = Pass(layer, outputError);
        layer.Backward(pass);
        return pass.InputError.AsMatrix();
    }

    public static Matrix<double> BackwardOne<TLayer>(this TLayer layer, Matrix<double> outputError, double learningRate)
        where TLayer : Layer, IBatchLayer
    {
        Check.LearningRateOrZero(learningRate);
        var pass = Pass(layer, outputError);
        layer.BackwardAndUpdate(pass, learningRate);
        return pass.InputError.AsMatrix();
    }

    private static LayerPass Pass(Layer layer, Matrix<double> outputError)
    {
        var input = Check.Forwarded(layer.Name, layer.Input);
        var output = Check.Forwarded(layer.Name, layer.Output);
        Check.OutputError(layer.Name, Shape.Of(output), outputError);
        return new LayerPass
        {
            Input = Batch.Of(input, Shape.Of(input)),
            Output = Batch.Of(output, Shape.Of(output)),
            OutputError = Batch.Of(outputError, Shape.Of(output)),
            InputError = Batch.New(Shape.Of(input), 1),
        };
    }
}
