using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet;

/// <summary>The article's methods on one matrix, as the library's own layers give them: passes over a batch of one.</summary>
internal static class OneSample
{
    public static Matrix<double> PredictOne(this IBatchLayer layer, Matrix<double> input) => Forward(layer, input, training: false).Output.AsMatrix();

    /// <summary>Y in training; the layer keeps the pass for the way back.</summary>
    public static Matrix<double> ForwardOne<TLayer>(this TLayer layer, Matrix<double> input)
        where TLayer : Layer, IBatchLayer
    {
        layer.LastPass = Forward(layer, input, training: true);
        return layer.LastPass.Output.AsMatrix();
    }

    public static Matrix<double> BackwardOne<TLayer>(this TLayer layer, Matrix<double> outputError)
        where TLayer : Layer, IBatchLayer
    {
        var pass = Backward(layer, outputError);
        layer.InputErrors(pass, 0, 1);
        layer.AddGradients(pass, 0, layer.GradientColumns);
        return pass.InputError.AsMatrix();
    }

    public static Matrix<double> BackwardOne<TLayer>(this TLayer layer, Matrix<double> outputError, double learningRate)
        where TLayer : Layer, IBatchLayer
    {
        Check.LearningRateOrZero(learningRate);
        var pass = Backward(layer, outputError);
        if (layer is TrainableLayer trainable)
        {
            if (trainable.Parameters.Any(parameter => parameter.L2 != 0))
            {
                return trainable.BackwardAndUpdate(outputError, learningRate);
            }

            foreach (var parameter in trainable.Parameters)
            {
                parameter.ClearGradient();
            }
        }

        layer.BackwardAndUpdate(pass, learningRate);
        return pass.InputError.AsMatrix();
    }

    private static LayerPass Forward(IBatchLayer layer, Matrix<double> input, bool training)
    {
        ArgumentNullException.ThrowIfNull(input);
        Check.Countable(input, "The input", nameof(input));
        var shape = Shape.Of(input);
        var pass = new LayerPass { Input = Batch.Of(input, shape), Output = Batch.New(layer.OutputShape(shape)!.Value, 1), Training = training };
        if (training && layer is (IRandomLayer or IWholeBatchLayer))
        {
            UsersTurn.RequireInSight((Layer)layer);
        }

        if (training && layer is IRandomLayer random)
        {
            pass.Seed = random.NextSeed(null);
        }

        if (training && layer is IWholeBatchLayer whole)
        {
            whole.RequireBatch(1);
            whole.BeforeForward(pass);
        }

        layer.Forward(pass, 0, 1);
        return pass;
    }

    private static LayerPass Backward<TLayer>(TLayer layer, Matrix<double> outputError)
        where TLayer : Layer, IBatchLayer
    {
        var pass = Check.Forwarded(layer.Name, layer.LastPass);
        Check.OutputError(layer.Name, pass.Output.Shape.Matrix, outputError);
        pass.OutputError = Batch.Of(outputError, pass.Output.Shape);
        pass.InputError = Batch.New(pass.Input.Shape, 1);
        (layer as IWholeBatchLayer)?.BeforeInputErrors(pass);
        return pass;
    }
}
