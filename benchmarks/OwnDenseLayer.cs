using MathNet.Numerics.LinearAlgebra;
using NeuralNet.Kernels;

namespace NeuralNet.Benchmarks;

/// <summary>A fully connected layer as a user writes it: FCLayer's formulas on the public contract, by the public kernels.</summary>
internal sealed class OwnDenseLayer(int inputs, int outputs, Matrix<double> weights, Matrix<double> bias) : BatchLayer
{
    private readonly Parameter _weights = new("Weights", weights);
    private readonly Parameter _bias = new("Bias", bias);
    private IReadOnlyList<Parameter>? _parameters;

    public override IReadOnlyList<Parameter> Parameters => _parameters ??= [_weights, _bias];

    protected internal override Shape? ExpectedInput => Shape.Row(inputs);

    protected internal override int GradientColumns => outputs;

    protected internal override Shape GetOutputShape(Shape input) => input == Shape.Row(inputs)
        ? Shape.Row(outputs)
        : throw new ArgumentException($"A 1 x {inputs} input is expected, but got {input}.");

    protected internal override long MultiplyAdds(Shape input) => (long)inputs * outputs;

    protected internal override void Forward(ForwardPass pass) =>
        BatchProducts.RowsTimesMatrix(pass.Input, pass.Count, Values(_weights), Values(_bias), pass.Output);

    protected internal override void Backward(BackwardPass pass) =>
        BatchProducts.InputErrors(pass.OutputError, pass.Count, Values(_weights), pass.InputError);

    protected internal override void AddGradients(GradientPass pass)
    {
        BatchProducts.AddOuters(pass.Input, pass.OutputError, pass.Count, inputs, outputs, pass.From, pass.To, pass.Gradient(0));
        BatchProducts.AddColumnSums(pass.OutputError, pass.Count, outputs, pass.From, pass.To, pass.Gradient(1));
    }

    protected internal override void BackwardAndUpdate(BackwardPass pass, double learningRate)
    {
        if (pass.WantsInputError)
        {
            BatchProducts.InputErrorThenAddOuter(-learningRate, pass.Input, pass.OutputError, Values(_weights), pass.InputError);
        }
        else
        {
            BatchProducts.AddOuter(-learningRate, pass.Input, pass.OutputError, Values(_weights));
        }

        BatchProducts.AddScaled(-learningRate, pass.OutputError, Values(_bias));
    }

    private static Span<double> Values(Parameter parameter) => parameter.Value.AsColumnMajorArray();
}
