using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Kernels;

namespace NeuralNet;

/// <summary>Turns an image into a row: plane by plane, each row by row.</summary>
/// <remarks>
/// For one plane this is the article's <c>flatten()</c>; for several it is the order of PyTorch and ONNX (NCHW).
/// X is height x (width * depth), the planes side by side; Y is 1 x (height * width * depth).
/// </remarks>
public sealed class FlattenLayer : Layer, IBatchLayer
{
    private int? _depth;

    /// <summary>Makes a layer that learns from the layers before it in a <see cref="Network"/> how many planes an image has; on its own it takes one plane.</summary>
    /// <remarks>A layer of your own between is taken to keep the number of planes; where it does not, give the number with <see cref="FlattenLayer(int)"/>.</remarks>
    public FlattenLayer()
    {
    }

    /// <summary>Makes a layer for images of a given number of planes.</summary>
    /// <param name="depth">The number of planes side by side in X, 1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="depth"/> is less than 1.</exception>
    public FlattenLayer(int depth) => _depth = Check.Positive(depth, "FlattenLayer's depth", nameof(depth));

    /// <summary>The number of planes side by side in X.</summary>
    public int Depth => _depth ?? 1;

    internal override string Name => Depth == 1 ? "FlattenLayer" : $"FlattenLayer(depth {Depth})";

    /// <summary>Y for a given X, whose shape is kept for the way back.</summary>
    /// <param name="input">X, height x (width * depth).</param>
    /// <returns>Y, 1 x (height * width * depth).</returns>
    /// <exception cref="ArgumentException">The columns of <paramref name="input"/> are no multiple of <see cref="Depth"/>.</exception>
    public override Matrix<double> ForwardPropagation(Matrix<double> input)
    {
        Output = this.ForwardOne(input);
        Input = input;
        return Output;
    }

    /// <summary>Y for a given X, keeping nothing: any number of threads may call it at once.</summary>
    /// <inheritdoc cref="ForwardPropagation"/>
    public override Matrix<double> Predict(Matrix<double> input) => this.PredictOne(input);

    /// <summary>dE/dX: the values of dE/dY where X had them.</summary>
    /// <param name="outputError">dE/dY, 1 x (height * width * depth).</param>
    /// <param name="learningRate">The layer learns nothing.</param>
    /// <returns>dE/dX, height x (width * depth).</returns>
    /// <exception cref="ArgumentException"><paramref name="outputError"/> has another shape than the last output.</exception>
    /// <exception cref="InvalidOperationException"><see cref="ForwardPropagation"/> was not called before.</exception>
    public override Matrix<double> BackwardPropagation(Matrix<double> outputError, double learningRate) => this.BackwardOne(outputError, learningRate);

    /// <summary>Takes the number of planes that the network knows, where none was given.</summary>
    internal void Follow(int depth) => _depth ??= depth;

    Shape? IBatchLayer.OutputShape(Shape? input)
    {
        if (input is not { } x)
        {
            return null;
        }

        if (x.Columns % Depth != 0 || (x.Depth > 1 && x.Depth != Depth))
        {
            throw new ArgumentException(
                $"{Name} expects {Depth} planes of the same width side by side, but got {x}. Give the number of planes: new FlattenLayer(depth).", nameof(input));
        }

        return Shape.Row(x.Size);
    }

    void IBatchLayer.Forward(LayerPass pass, int from, int to)
    {
        var x = pass.Input.Shape;
        Transposition.Planes(pass.Input.Range(from, to), x.Rows, x.Columns / Depth, pass.Output.Range(from, to));
    }

    void IBatchLayer.InputErrors(LayerPass pass, int from, int to)
    {
        var x = pass.Input.Shape;
        Transposition.Planes(pass.OutputError.Range(from, to), x.Columns / Depth, x.Rows, pass.InputError.Range(from, to));
    }
}
