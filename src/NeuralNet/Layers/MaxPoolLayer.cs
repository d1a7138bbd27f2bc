using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Kernels;

namespace NeuralNet;

/// <summary>Max pooling: makes the planes of an image smaller, by one value for each window.</summary>
/// <remarks>
/// <para>Y = the greatest value of the window; on the way back the whole error goes to the first of the window's greatest values, row by row.</para>
/// <para>
/// X is height x (width * depth), the planes side by side; Y has ⌊(height - poolRows) / strideRows⌋ + 1 rows, and planes of ⌊(width - poolColumns) / strideColumns⌋ + 1 columns. Rows and columns
/// that fill no window any more are left out.
/// </para>
/// </remarks>
public sealed class MaxPoolLayer : Layer, IBatchLayer
{
    private readonly PoolShape _shape;

    /// <summary>Makes a layer.</summary>
    /// <param name="inputShape">The input's height, width and number of planes, each 1 or more.</param>
    /// <param name="poolShape">A window's rows and columns, each 1 or more and no more than the input's.</param>
    /// <param name="stride">From one window to the next, in rows and columns, each 1 or more; the window's own size where none is given.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is less than 1, the window is larger than the input, or a matrix would be too large.</exception>
    public MaxPoolLayer((int Height, int Width, int Depth) inputShape, (int Rows, int Columns) poolShape, (int Rows, int Columns)? stride = null) =>
        _shape = Images.Pool("MaxPoolLayer", inputShape, poolShape, stride ?? poolShape);

    /// <summary>The input's height, width and number of planes.</summary>
    public (int Height, int Width, int Depth) InputShape => (_shape.Height, _shape.Width, _shape.Depth);

    /// <summary>A window's rows and columns.</summary>
    public (int Rows, int Columns) PoolShape => (_shape.PoolRows, _shape.PoolColumns);

    /// <summary>From one window to the next, in rows and columns.</summary>
    public (int Rows, int Columns) Stride => (_shape.StrideRows, _shape.StrideColumns);

    /// <summary>The output's height, width and number of planes.</summary>
    public (int Height, int Width, int Depth) OutputShape => (_shape.OutputHeight, _shape.OutputWidth, _shape.Depth);

    internal override string Name => Images.Name("MaxPoolLayer", _shape);

    /// <summary>Y for a given X, which is kept for the way back.</summary>
    /// <param name="input">X, height x (width * depth).</param>
    /// <returns>Y, the smaller planes side by side.</returns>
    /// <exception cref="ArgumentException"><paramref name="input"/> has another shape.</exception>
    public override Matrix<double> ForwardPropagation(Matrix<double> input)
    {
        Output = this.ForwardOne(input);
        Input = input;
        return Output;
    }

    /// <summary>Y for a given X, keeping nothing: any number of threads may call it at once.</summary>
    /// <inheritdoc cref="ForwardPropagation"/>
    public override Matrix<double> Predict(Matrix<double> input) => this.PredictOne(input);

    /// <summary>dE/dX: each dE/dY at the place of its window's greatest value; where windows overlap, errors add up.</summary>
    /// <param name="outputError">dE/dY, in the shape of Y.</param>
    /// <param name="learningRate">The layer learns nothing.</param>
    /// <returns>dE/dX, in the shape of X.</returns>
    /// <exception cref="ArgumentException"><paramref name="outputError"/> has another shape than the last output.</exception>
    /// <exception cref="InvalidOperationException"><see cref="ForwardPropagation"/> was not called before.</exception>
    public override Matrix<double> BackwardPropagation(Matrix<double> outputError, double learningRate) => this.BackwardOne(outputError, learningRate);

    Shape? IBatchLayer.OutputShape(Shape? input)
    {
        Images.Require(Name, new Shape(_shape.Height, _shape.Width, _shape.Depth), input);
        return new Shape(_shape.OutputHeight, _shape.OutputWidth, _shape.Depth);
    }

    void IBatchLayer.Forward(LayerPass pass, int from, int to)
    {
        for (int sample = from; sample < to; sample++)
        {
            Pooling.Max(_shape, pass.Input[sample], pass.Output[sample]);
        }
    }

    void IBatchLayer.InputErrors(LayerPass pass, int from, int to)
    {
        for (int sample = from; sample < to; sample++)
        {
            Pooling.MaxInputError(_shape, pass.Input[sample], pass.OutputError[sample], pass.InputError[sample]);
        }
    }
}
