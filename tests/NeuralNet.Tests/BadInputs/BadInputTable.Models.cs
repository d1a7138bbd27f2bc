using System.Numerics.Tensors;
using static NeuralNet.Tests.Support.Draw;

namespace NeuralNet.Tests.BadInputs;

internal static partial class BadInputTable
{
    private static IEnumerable<BadInput> Models()
    {
        const string SavePath = "Network.Save[path registry]";
        const string SaveStream = "Network.Save[stream registry]";
        const string LoadPath = "Network.Load[path registry]";
        const string LoadStream = "Network.Load[stream registry]";
        yield return Null("Network.Save(path)", scene => Do(() => scene.Net.Save((string)null!)));
        yield return Wrong("Network.Save(path)", "empty", scene => Do(() => scene.Net.Save("")), "path");
        yield return Null("Network.Save(stream)", scene => Do(() => scene.Net.Save((Stream)null!)));
        yield return Wrong(
            "Network.Save(stream)",
            "one to be read only",
            scene => Do(() => scene.Net.Save(new MemoryStream([], writable: false))),
            "Save expects a stream that can be written to");
        yield return Wrong(
            $"{SaveStream}(registry)", "none for a layer of a user's", scene => Do(() => scene.UserNet.Save(new MemoryStream())),
            "Layer 1, Activation", "registry.Add<Activation>");
        yield return Wrong(
            $"{SavePath}(registry)", "none for a layer of a user's", scene => Do(() => scene.UserNet.Save("never written")),
            "Layer 1, Activation", "registry.Add<Activation>");
        yield return Null("Network.Load(path)", _ => Network.Load((string)null!));
        yield return Wrong("Network.Load(path)", "empty", _ => Network.Load(""), "path");
        yield return Null("Network.Load(stream)", _ => Network.Load((Stream)null!));
        yield return Wrong(
            "Network.Load(stream)", "one to be written only", _ => Network.Load(new WriteOnly()), "Load expects a stream that can be read");
        yield return Damaged("Network.Load(stream)", "empty", _ => Network.Load(new MemoryStream()), "The stream", "no safetensors file");
        yield return Fine($"{LoadStream}(registry)", "null where none is needed", scene => Network.Load(Saved(scene.Net), null));
        yield return new BadInput(
            $"{LoadPath}(registry)", "whatever, where there is no file", _ => Network.Load("no such file", new LayerRegistry()),
            typeof(FileNotFoundException), ["no such file"]);
        yield return Wrong(
            "Network.Clone(registry)", "none for a layer of a user's", scene => scene.UserNet.Clone(), "Layer 1, Activation",
            "registry.Add<Activation>");

        yield return Order(
            "Network.InitialSeed(value)",
            "after layers were added",
            scene => scene.Net.InitialSeed = 3,
            "has layers already",
            "new Network { InitialSeed = 1 }");
        yield return Fine("Network.InitialSeed(value)", "any, before layers are added", scene => scene.Empty.InitialSeed = -1);

        const string WeightsPath = "Network.LoadWeights[path names]";
        const string WeightsStream = "Network.LoadWeights[stream names]";
        var unknown = new Dictionary<string, string> { ["layers.9.Weights"] = "layers.0.Weights" };
        yield return Null("Network.LoadWeights(path)", scene => scene.Net.LoadWeights((string)null!));
        yield return Null("Network.LoadWeights(stream)", scene => scene.Net.LoadWeights((Stream)null!));
        yield return Order(
            "Network.LoadWeights(stream)", "without layers", scene => scene.Empty.LoadWeights(Saved(scene.Net)), "no layers",
            "Call Add before LoadWeights.");
        yield return Damaged(
            "Network.LoadWeights(stream)", "of another network", scene => scene.Net.LoadWeights(Saved(scene.ImageNet)), "layers.0.Weights",
            "[4, 3]", "[12, 3]");
        yield return Wrong(
            $"{WeightsStream}(names)", "none of the network's", scene => scene.Net.LoadWeights(Saved(scene.Net), unknown),
            "no tensor 'layers.9.Weights'", "layers.2.Bias");
        yield return new BadInput(
            $"{WeightsPath}(names)", "whatever, where there is no file", scene => scene.Net.LoadWeights("no such file", unknown),
            typeof(FileNotFoundException), ["no such file"]);

        var own = new LayerRegistry().Add("scale", (UserLayers.Scale scale) => "", _ => new UserLayers.Scale(Row(1)));
        own.AddActivation("mine", Activations.Tanh, Activations.TanhPrime).AddLoss("mine", Losses.Mse, Losses.MsePrime);
        yield return Null("LayerRegistry.Add(kind)", _ => own.Add(null!, (UserLayers.ArticleScale scale) => "", _ => null!));
        yield return Wrong(
            "LayerRegistry.Add(kind)", "blank", _ => own.Add(" ", (UserLayers.ArticleScale scale) => "", _ => null!), "kind");
        yield return Wrong(
            "LayerRegistry.Add(kind)", "taken", _ => own.Add("scale", (UserLayers.ArticleScale scale) => "", _ => null!),
            "a layer of the name 'scale'", "another name");
        yield return Wrong(
            "LayerRegistry.Add(kind)",
            "a second for a class",
            _ => own.Add("other", (UserLayers.Scale scale) => "", _ => null!),
            "Scale has the name 'scale' already");
        yield return Wrong(
            "LayerRegistry.Add(kind)",
            "for the library's own",
            _ => own.Add("fc", (FCLayer fc) => "", _ => null!),
            "FCLayer needs no name");
        yield return Null("LayerRegistry.Add(save)", _ => own.Add<UserLayers.ArticleScale>("other", null!, _ => null!));
        yield return Null("LayerRegistry.Add(load)", _ => own.Add<UserLayers.ArticleScale>("other", _ => "", null!));
        yield return Null("LayerRegistry.AddActivation(name)", _ => own.AddActivation(null!, Activations.Relu, Activations.ReluPrime));
        yield return Wrong(
            "LayerRegistry.AddActivation(name)", "taken", _ => own.AddActivation("mine", Activations.Relu, Activations.ReluPrime),
            "an activation", "'mine'");
        yield return Null("LayerRegistry.AddActivation(activation)", _ => own.AddActivation("other", null!, Activations.ReluPrime));
        yield return Null("LayerRegistry.AddActivation(activationPrime)", _ => own.AddActivation("other", Activations.Relu, null!));
        yield return Null("LayerRegistry.AddActivation(function)", _ => own.AddActivation(null!));
        yield return Null("LayerRegistry.AddLoss(function)", _ => own.AddLoss(null!));
        yield return Null(
            "ActivationFunction.Create(name)", _ => ActivationFunction.Create(null!, TensorPrimitives.Sin, (_, _, _) => { }));
        yield return Wrong(
            "ActivationFunction.Create(name)", "one of the library's",
            _ => ActivationFunction.Create("Tanh", TensorPrimitives.Sin, (_, _, _) => { }), "'Tanh'");
        yield return Null("ActivationFunction.Create(function)", _ => ActivationFunction.Create("Own", null!, (_, _, _) => { }));
        yield return Null("ActivationFunction.Create(derivative)", _ => ActivationFunction.Create("Own", TensorPrimitives.Sin, null!));
        yield return OutOfRange(
            "ActivationFunction.LeakyReluWith(slope)", "NaN", _ => ActivationFunction.LeakyReluWith(double.NaN), "slope");
        yield return OutOfRange(
            "ActivationFunction.EluWith(alpha)", "infinite", _ => ActivationFunction.EluWith(double.PositiveInfinity), "alpha");
        yield return OutOfRange("LossFunction.HuberWith(delta)", "0", _ => LossFunction.HuberWith(0), "delta", "above 0");
        yield return OutOfRange("Losses.Huber(delta)", "NaN", _ => Losses.Huber(double.NaN), "delta", "above 0");
        yield return OutOfRange("Losses.Quantile(quantile)", "0", _ => Losses.Quantile(0), "quantile", "above 0");
        yield return OutOfRange("LossFunction.Quantile(quantile)", "1", _ => LossFunction.Quantile(1), "quantile", "below 1");
        yield return Null("LossFunction.Create(name)", _ => LossFunction.Create(null!, (_, _) => 0, (_, _, _) => { }));
        yield return Wrong(
            "LossFunction.Create(name)", "one of the library's", _ => LossFunction.Create("Mse", (_, _) => 0, (_, _, _) => { }), "'Mse'");
        yield return Null("LossFunction.Create(function)", _ => LossFunction.Create("Own", null!, (_, _, _) => { }));
        yield return Null("LossFunction.Create(derivative)", _ => LossFunction.Create("Own", (_, _) => 0, null!));
        yield return Null("LayerRegistry.AddLoss(name)", _ => own.AddLoss(null!, Losses.Mae, Losses.MaePrime));
        yield return Wrong(
            "LayerRegistry.AddLoss(name)", "taken", _ => own.AddLoss("mine", Losses.Mae, Losses.MaePrime), "a loss", "'mine'");
        yield return Null("LayerRegistry.AddLoss(loss)", _ => own.AddLoss("other", null!, Losses.MaePrime));
        yield return Null("LayerRegistry.AddLoss(lossPrime)", _ => own.AddLoss("other", Losses.Mae, null!));

        foreach (int number in new[] { 0, -1, int.MinValue })
        {
            yield return OutOfRange(
                "Checkpoint.Every(value)", $"{number}", _ => new Checkpoint("file") { Every = number }, "epochs between checkpoints",
                "1 or more", $"{number}");
        }

        yield return Null("Checkpoint.ctor(path)", _ => new Checkpoint(null!));
        yield return Wrong("Checkpoint.ctor(path)", "blank", _ => new Checkpoint(" "), "path");

        yield return Fine("ModelFormatException.ctor[message](message)", "null", _ => new ModelFormatException(null).Message);
        yield return Fine(
            "ModelFormatException.ctor[message innerException](message)",
            "null",
            _ => new ModelFormatException(null, new IOException()).Message);
        yield return Fine("ModelFormatException.ctor(innerException)", "null", _ => new ModelFormatException("What", null).Message);
    }

    private static BadInput Damaged(string parameter, string what, Func<BadInputScene, object?> call, params string[] says) =>
        new(parameter, what, call, typeof(ModelFormatException), says);

    private static object? Do(Action call)
    {
        call();
        return null;
    }

    private static MemoryStream Saved(Network network)
    {
        var stream = new MemoryStream();
        network.Save(stream);
        stream.Position = 0;
        return stream;
    }

    private sealed class WriteOnly : MemoryStream
    {
        public override bool CanRead => false;
    }
}
