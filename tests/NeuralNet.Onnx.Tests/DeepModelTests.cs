namespace NeuralNet.Onnx.Tests;

public class DeepModelTests
{
    [Fact]
    public void AThousandLayersWithinOneAnotherAreExportedAndRead()
    {
        Layer layer = new FCLayer(3, 3, Initializer.GlorotUniform, new Random(1));
        for (int i = 0; i < 500; i++)
        {
            layer = new NetworkLayer(new Network().Add(new ResidualLayer([layer, new ActivationLayer(ActivationFunction.Tanh)])));
        }

        var net = new Network().Add(layer);
        using var stream = new MemoryStream();
        net.ExportOnnx(stream);
        var samples = Case.Draw((1, 3, 1), 5, 3);
        using var runtime = new Runtime(stream.ToArray());

        runtime.Run(samples).ShouldBeNear(net.Predict(samples), 1e-3);
    }
}
