using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.Support;

/// <summary>Layers as a reader of the article writes them: subclasses of <see cref="Layer"/> with its two methods.</summary>
internal static class UserLayers
{
    public sealed class FC(Matrix<double> weights, Matrix<double> bias) : Layer
    {
        public Matrix<double> Weights { get; private set; } = weights.Clone();

        public Matrix<double> Bias { get; private set; } = bias.Clone();

        public override Matrix<double> ForwardPropagation(Matrix<double> input)
        {
            Input = input;
            Output = (Input * Weights) + Bias;
            return Output;
        }

        public override Matrix<double> BackwardPropagation(Matrix<double> outputError, double learningRate)
        {
            var inputError = outputError * Weights.Transpose();
            var weightsError = Input!.Transpose() * outputError;
            Weights -= learningRate * weightsError;
            Bias -= learningRate * outputError;
            return inputError;
        }
    }

    public sealed class Activation(Func<Matrix<double>, Matrix<double>> activation, Func<Matrix<double>, Matrix<double>> activationPrime)
        : Layer
    {
        public override Matrix<double> ForwardPropagation(Matrix<double> input)
        {
            Input = input;
            Output = activation(Input);
            return Output;
        }

        public override Matrix<double> BackwardPropagation(Matrix<double> outputError, double learningRate) =>
            activationPrime(Input!).PointwiseMultiply(outputError);
    }

    /// <summary>Y = XW through fields that two calls at once would mix up.</summary>
    public sealed class Stateful(Matrix<double> weights) : Layer
    {
        private readonly double[] _scratch = new double[weights.ColumnCount];

        public override Matrix<double> ForwardPropagation(Matrix<double> input)
        {
            Input = input;
            Array.Clear(_scratch);
            for (int row = 0; row < weights.RowCount; row++)
            {
                for (int column = 0; column < weights.ColumnCount; column++)
                {
                    _scratch[column] += Input[0, row] * weights[row, column];
                }
            }

            Output = Matrix<double>.Build.Dense(1, _scratch.Length, (_, column) => _scratch[column]);
            return Output;
        }

        public override Matrix<double> BackwardPropagation(Matrix<double> outputError, double learningRate) =>
            outputError * weights.Transpose();
    }

    /// <summary>Y = X ∘ S, written against <see cref="TrainableLayer"/>: parameters and gradients, no update of its own.</summary>
    public sealed class Scale(Matrix<double> scale) : TrainableLayer
    {
        private readonly Parameter _scale = new("Scale", scale);

        public override IReadOnlyList<Parameter> Parameters => [_scale];

        public override Matrix<double> ForwardPropagation(Matrix<double> input)
        {
            Input = input;
            Output = input.PointwiseMultiply(_scale.Value);
            return Output;
        }

        public override Matrix<double> Backward(Matrix<double> outputError)
        {
            _scale.Gradient.Add(outputError.PointwiseMultiply(Input!), _scale.Gradient);
            return outputError.PointwiseMultiply(_scale.Value);
        }
    }

    /// <summary>Y = X ∘ S with the article's two methods.</summary>
    public sealed class ArticleScale(Matrix<double> scale) : Layer
    {
        public Matrix<double> Value { get; private set; } = scale.Clone();

        public override Matrix<double> ForwardPropagation(Matrix<double> input)
        {
            Input = input;
            Output = input.PointwiseMultiply(Value);
            return Output;
        }

        public override Matrix<double> BackwardPropagation(Matrix<double> outputError, double learningRate)
        {
            var inputError = outputError.PointwiseMultiply(Value);
            Value -= learningRate * outputError.PointwiseMultiply(Input!);
            return inputError;
        }
    }

    /// <summary>Whatever two functions give.</summary>
    public sealed class Custom(Func<Matrix<double>, Matrix<double>> forward, Func<Matrix<double>, Matrix<double>> backward) : Layer
    {
        public override Matrix<double> ForwardPropagation(Matrix<double> input) => forward(input);

        public override Matrix<double> BackwardPropagation(Matrix<double> outputError, double learningRate) => backward(outputError);
    }
}
