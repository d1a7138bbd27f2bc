using MathNet.Numerics.LinearAlgebra;

namespace NeuralNet.Tests.BadInputs;

/// <summary>Layers and networks in each state that bad input can find them in, and a fingerprint of all of it.</summary>
internal sealed class BadInputScene
{
    public BadInputScene()
    {
        var random = Draw.Seeded(1);
        FC = new FCLayer(4, 3, random: random);
        Conv = new ConvLayer((5, 6, 2), (2, 3), 3, random: random);
        Scale = new UserLayers.Scale(Draw.Matrix(1, 3, random));
        FC.ForwardPropagation(Draw.Matrix(1, 4, random));
        Conv.ForwardPropagation(Draw.Matrix(5, 12, random));
        Flatten.ForwardPropagation(Draw.Matrix(5, 12, random));
        Activation.ForwardPropagation(Draw.Matrix(2, 3, random));
        Scale.ForwardPropagation(Draw.Matrix(1, 3, random));
        FC.Backward(Draw.Matrix(1, 3, random));

        Net = new Network()
            .Add(new FCLayer(4, 3, random: random))
            .Add(new ActivationLayer(Activations.Tanh, Activations.TanhPrime))
            .Add(new FCLayer(3, 2, random: random))
            .Use(Losses.Mse, Losses.MsePrime);
        ImageNet = new Network()
            .Add(new ConvLayer((5, 6, 2), (2, 3), 3, random: random))
            .Add(new FlattenLayer())
            .Add(new FCLayer(48, 2, random: random))
            .Use(Losses.Mse, Losses.MsePrime);
        UserNet = new Network()
            .Add(new FCLayer(4, 3, random: random))
            .Add(new UserLayers.Activation(Activations.Tanh, Activations.TanhPrime))
            .Add(new FCLayer(3, 2, random: random))
            .Use(Losses.Mse, Losses.MsePrime);
        WithoutLoss = new Network().Add(new FCLayer(4, 2, random: random));
        X = Draw.Matrices(3, 1, 4, random);
        Y = Draw.Matrices(3, 1, 2, random);
        Net.Fit(X, Y, 1, 0.1);
        UserNet.Fit(X, Y, 1, 0.1);
    }

    public FCLayer FC { get; }

    public ConvLayer Conv { get; }

    public FlattenLayer Flatten { get; } = new(2);

    public ActivationLayer Activation { get; } = new(Activations.Tanh, Activations.TanhPrime);

    public UserLayers.Scale Scale { get; }

    public FCLayer NewFC { get; } = new(4, 3, random: Draw.Seeded(2));

    public ConvLayer NewConv { get; } = new((5, 6, 2), (2, 3), 3, random: Draw.Seeded(2));

    public FlattenLayer NewFlatten { get; } = new(2);

    public ActivationLayer NewActivation { get; } = new(Activations.Tanh, Activations.TanhPrime);

    public Network Net { get; }

    public Network ImageNet { get; }

    public Network UserNet { get; }

    public Network WithoutLoss { get; }

    public Network Empty { get; } = new();

    public Matrix<double>[] X { get; }

    public Matrix<double>[] Y { get; }

    private IEnumerable<Network> Networks => [Net, ImageNet, UserNet, WithoutLoss, Empty];

    public string Fingerprint() => string.Join('\n',
    [
        .. Networks.Select(network => $"{network}\n{network.Layers.Count}\n{Support.Fingerprint.OfState(network.Layers)}"),
        Support.Fingerprint.OfState([FC, Conv, Flatten, Activation, Scale, NewFC, NewConv, NewFlatten, NewActivation]),
        Support.Fingerprint.Of(X),
        Support.Fingerprint.Of(Y),
    ]);
}
