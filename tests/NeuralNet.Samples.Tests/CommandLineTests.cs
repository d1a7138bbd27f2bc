namespace NeuralNet.Samples.Tests;

public class CommandLineTests
{
    [Theory]
    [InlineData("foo", "There is no network or command 'foo'. The networks are fc, conv, mlp, lenet.")]
    [InlineData("train leent", "There is no network or command 'leent'. Did you mean lenet? The networks are fc, conv, mlp, lenet.")]
    [InlineData("LENET", "There is no network or command 'LENET'. Did you mean lenet? The networks are fc, conv, mlp, lenet.")]
    [InlineData("predcit", "There is no network or command 'predcit'. Did you mean predict? *")]
    [InlineData("exprot", "There is no network or command 'exprot'. Did you mean export? *")]
    [InlineData("[mlp]", "There is no network or command '[mlp]'. Did you mean mlp? *")]
    [InlineData("@files", "There is no network or command '@files'. *")]
    public void AWrongNetworkOrCommandIsRefusedWithANearName(string words, string message) =>
        Application.Refusal(words.Split(' ')).Should().Match(message);

    [Theory]
    [InlineData("--verbose", "train has no option --verbose. `train --help` lists all.")]
    [InlineData("--resum", "train has no option --resum. Did you mean --resume? *")]
    [InlineData("--smaples 3", "train has no option --smaples. Did you mean --samples? `train --help` lists all.")]
    [InlineData("--smaples=3", "train has no option --smaples. Did you mean --samples? *")]
    [InlineData("lenet --smaples 3", "train has no option --smaples. Did you mean --samples? *")]
    [InlineData("--EPOCHS 3", "train has no option --EPOCHS. Did you mean --epochs? *")]
    [InlineData("--data --smaples", "train has no option --smaples. Did you mean --samples? *")]
    [InlineData("-e 3", "train has no option -e. `train --help` lists all.")]
    [InlineData("train --model x", "train has no option --model. *")]
    [InlineData("predict --modle x y.png", "predict has no option --modle. Did you mean --model? `predict --help` lists all.")]
    [InlineData("predict --model x --onnx y.png", "predict has no option --onnx. *")]
    [InlineData("predict --model x y.png --top5", "predict has no option --top5. *")]
    [InlineData("export --model x --onx y", "export has no option --onx. Did you mean --onnx? *")]
    [InlineData("export --model x --onnx y --folat64", "export has no option --folat64. Did you mean --float64? *")]
    public void AWrongOptionIsRefusedWithANearName(string words, string message) =>
        Application.Refusal(words.Split(' ')).Should().Match(message);

    [Theory]
    [InlineData("--samples 0", "--samples expects a whole number, 1 or more, but got '0'.")]
    [InlineData("--samples 1.5", "--samples expects a whole number, 1 or more, but got '1.5'.")]
    [InlineData("--samples 4001", "--samples expects 1 to 4000, the training digits there are, but got 4001.")]
    [InlineData("--epochs -1", "--epochs expects a whole number, 1 or more, but got '-1'.")]
    [InlineData("--epochs 99999999999", "--epochs expects a whole number, 1 or more, but got '99999999999'.")]
    [InlineData("--epochs ten", "--epochs expects a whole number, 1 or more, but got 'ten'.")]
    [InlineData("--learning-rate 0", "--learning-rate expects a finite number above 0, but got '0'.")]
    [InlineData("--learning-rate -.1", "--learning-rate expects a finite number above 0, but got '-.1'.")]
    [InlineData("--learning-rate 0,1", "--learning-rate expects a finite number above 0, but got '0,1'.")]
    [InlineData("--learning-rate 1e999", "--learning-rate expects a finite number above 0, but got '1e999'.")]
    [InlineData("--learning-rate NaN", "--learning-rate expects a finite number above 0, but got 'NaN'.")]
    [InlineData("--seed x", "--seed expects a whole number, but got 'x'.")]
    [InlineData("--resume", "--resume needs a --checkpoint to go on from.")]
    public void AValueOutOfRangeIsRefused(string words, string message)
    {
        var (code, _, error) = Application.Run(words.Split(' '));
        (code, error.TrimEnd()).Should().Be((1, message));
    }

    [Theory]
    [InlineData("--epochs", "*'--epochs'*")]
    [InlineData("--epochs --samples 3", "--epochs expects a value, but the option --samples follows.")]
    [InlineData("--save --checkpoint x", "--save expects a value, but the option --checkpoint follows.")]
    [InlineData("predict --model", "*'--model'*")]
    [InlineData("predict --model --help", "--model expects a value, but the option --help follows.")]
    [InlineData("predict --model x", "*'predict'*")]
    [InlineData("predict y.png", "*'--model'*")]
    [InlineData("export --model x", "*'--onnx'*")]
    [InlineData("--data=", "*'--data'*")]
    [InlineData("export --onnx= --model x", "--onnx expects a value, but the option --model follows.")]
    public void AMissingValueIsRefused(string words, string message) => Application.Refusal(words.Split(' ')).Should().Match(message);

    [Theory]
    [InlineData("--data", "--data expects a folder, but got ''.")]
    [InlineData("--output", "--output expects a folder, but got ''.")]
    [InlineData("--save", "--save expects a file, but got ''.")]
    [InlineData("--samples", "--samples expects a whole number, 1 or more, but got ''.")]
    public void AnEmptyValueIsRefused(string option, string message) => Application.Refusal(option, "").Should().Be(message);

    [Theory]
    [InlineData("--epochs 1 --epochs 2", "--epochs is given 2 times; it expects to be given once.")]
    [InlineData("--download --download", "--download is given 2 times; it expects to be given once.")]
    [InlineData("predict --model x --model y z", "--model is given 2 times; it expects to be given once.")]
    public void AnOptionGivenTwiceIsRefused(string words, string message) => Application.Refusal(words.Split(' ')).Should().Be(message);

    [Theory]
    [InlineData("fc extra", "train does not expect 'extra' there. `train --help` lists all.")]
    [InlineData("fc mlp", "train does not expect 'mlp' there. *")]
    [InlineData("--download maybe", "There is no network or command 'maybe'. *")]
    [InlineData("--epochs 1 predict", "The command predict comes first, before its options and the network.")]
    [InlineData("export --model x --onnx y z", "export does not expect 'z' there. *")]
    public void AWordTooManyIsRefused(string words, string message) => Application.Refusal(words.Split(' ')).Should().Match(message);

    [Fact]
    public void HelpNamesTheCommandsAndTheOptionsOfTraining()
    {
        var (code, output, error) = Application.Run("--help");
        (code, error).Should().Be((0, ""));
        output.Should().Contain("predict").And.Contain("export").And.Contain("--download").And.Contain("<fc|conv|mlp|lenet>");
    }

    [Fact]
    public void HelpOfACommandShowsItsOwnArgumentAndNoOther()
    {
        var (code, output, _) = Application.Run("predict", "--help");
        code.Should().Be(0);
        output.Should().Contain("predict <image>...").And.Contain("--model").And.NotContain("lenet").And.NotContain("network>");
        Application.Run("export", "-h").Output.Should().Contain("--onnx").And.NotContain("lenet");
        Application.Run("train", "-?").Output.Should().Contain("<fc|conv|mlp|lenet>").And.Contain("--epochs").And.NotContain("<image>");
    }

    [Theory]
    [InlineData("--save")]
    [InlineData("--checkpoint")]
    public void AFileThatCannotBeWrittenIsRefusedBeforeTraining(string option)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["file"], "text");
        string nowhere = folder[Path.Combine("nowhere", "net.safetensors")];
        Application.Refusal(option, nowhere, "--output", folder["pictures"]).Should()
            .Be($"{option} expects a file, but there is no folder {folder["nowhere"]} for {nowhere}.");
        Application.Refusal(option, folder.Path, "--output", folder["pictures"]).Should()
            .Be($"{option} expects a file, but {folder.Path} is a folder.");
        Application.Refusal(option, Path.Combine(folder["file"], "x"), "--output", folder["pictures"])
            .Should().StartWith($"{option} expects a file");
        string forbidden = OperatingSystem.IsLinux() ? "/proc/net.safetensors" : folder["a\0b"];
        Application.Refusal(option, forbidden, "--output", folder["pictures"])
            .Should().StartWith($"{option} cannot be written to {forbidden}: ");
        folder.Names.Should().Equal("file");
    }

    [Fact]
    public void TwoFilesInOneAreRefused()
    {
        using var folder = new TemporaryFolder();
        Application.Refusal("--save", folder["a"], "--checkpoint", folder["a"])
            .Should().StartWith("--save and --checkpoint expect two files");
        Application.Refusal("export", "--model", folder["a"], "--onnx", folder["a"]).Should().Contain("Give --onnx another name");
    }

    [Fact]
    public void AnOutputThatIsNoFolderIsRefusedBeforeTraining()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["file"], "text");
        var (code, output, error) = Application.Run("--output", folder["file"]);
        (code, error.TrimEnd()).Should().Be((1, $"--output expects a folder, but {folder["file"]} is a file."));
        output.Should().NotContain("epoch");
        File.ReadAllText(folder["file"]).Should().Be("text");
    }

    [Fact]
    public void WhatStopsTrainingBeforeItBeginsLeavesNoFolder()
    {
        using var folder = new TemporaryFolder();
        Application.Refusal("--data", folder["nowhere"], "--output", folder["pictures"]).Should().Be(
            $"--data expects a folder with the four MNIST files, but there is no folder {folder["nowhere"]}. "
            + "With --download, MNIST is fetched there.");
        Application.Refusal("--data", folder.Path, "--output", folder["pictures"]).Should().Contain("train-images-idx3-ubyte");
        Application.Run("--samples", "5000", "--output", folder["pictures"]).Code.Should().Be(1);
        folder.Names.Should().BeEmpty();
        File.WriteAllText(folder["run"], "no checkpoint");
        Application.Run("--checkpoint", folder["run"], "--resume", "--output", folder["pictures"]).Code.Should().Be(1);
        folder.Names.Should().Equal("run");
    }

    [Fact]
    public void AModelOrPictureThatIsNotThereIsRefusedInOneLine()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["text"], "text");
        Application.Refusal("predict", "--model", folder["none"], folder["none.png"]).Should().Contain(folder["none"]);
        Application.Refusal("predict", "--model", folder["text"], folder["none.png"]).Should().Contain("text");
        new Network().Add(new FCLayer(784, 10)).Save(folder["net"]);
        Application.Refusal("predict", "--model", folder["net"], folder.Path)
            .Should().Be($"{folder.Path} is a folder. Name the files in it.");
        Application.Refusal("export", "--model", folder["none"], "--onnx", folder["x.onnx"]).Should().Contain(folder["none"]);
        Application.Refusal("export", "--model", folder["text"], "--onnx", folder[Path.Combine("no", "x.onnx")])
            .Should().StartWith("--onnx expects a file");
        folder.Names.Should().Equal("net", "text");
    }
}
