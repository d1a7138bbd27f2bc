using NeuralNet.Data;
using static NeuralNet.Tests.Refusals;

namespace NeuralNet.Tests.Data;

public class LabelEncoderTests
{
    [Fact]
    public void NamesAreNumberedInOrderAndComeBack()
    {
        var encoder = LabelEncoder.Of(["Gentoo", "Adelie", "Gentoo", "Chinstrap", "adelie"]);

        encoder.Names.Should().Equal("Adelie", "Chinstrap", "Gentoo", "adelie");
        encoder.Encode("Gentoo").Should().Be(2);
        encoder.Encode(["adelie", "Adelie"]).Should().Equal(3, 0);
        encoder.Decode(1).Should().Be("Chinstrap");
        encoder.Decode([2, 2, 0]).Should().Equal("Gentoo", "Gentoo", "Adelie");
        encoder.ToString().Should().Be("LabelEncoder(Adelie, Chinstrap, Gentoo, adelie)");
        new LabelEncoder(["yes", "no"]).Encode("no").Should().Be(1);
    }

    [Fact]
    public void OneHotHasAColumnForEachName()
    {
        var encoder = new LabelEncoder(["a", "b", "c"]);

        encoder.OneHot(["b", "a"]).Should().Equal(Draw.Row(0, 1, 0), Draw.Row(1, 0, 0));
        encoder.OneHot("c").Should().Equal(0, 0, 1);
    }

    [Fact]
    public void TheNamesAreSavedBesideTheModel()
    {
        using var folder = new Folder();
        string path = Path.Combine(folder.Path, "species.json");
        string[] names = ["Zügelpinguin", "\"quoted\", \\ and \n", "", "企鹅", "😀"];
        File.WriteAllText(path, "something longer than what will be there afterwards, which must go, of course");

        new LabelEncoder(names).Save(path);

        LabelEncoder.Load(path).Names.Should().Equal(names);
        folder.Files.Should().Equal("species.json");
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("[\"a\", \"a\"]")]
    [InlineData("[\"a\", null]")]
    [InlineData("[\"a\", 1]")]
    [InlineData("{\"a\": 1}")]
    [InlineData("[\"a\"")]
    [InlineData("[\"\\ud800\"]")]
    public void AFileOfSomethingElseIsRefusedByName(string text)
    {
        using var folder = new Folder();
        string path = Path.Combine(folder.Path, "names.json");
        File.WriteAllText(path, text);

        FluentActions.Invoking(() => LabelEncoder.Load(path)).Should().ThrowExactly<InvalidDataException>()
            .WithMessage("*names.json does not hold a list of names*");
    }

    [Fact]
    public void WhatHasNoNameIsRefusedInWords()
    {
        var encoder = new LabelEncoder(["a", "b"]);
        Refused<ArgumentNullException>(() => new LabelEncoder(null!), "names");
        Refused<ArgumentException>(() => new LabelEncoder([]), "names", "at least one name");
        Refused<ArgumentException>(() => new LabelEncoder(["a", null!]), "names", "names[1] is null");
        Refused<ArgumentException>(() => new LabelEncoder(["a", "b", "a"]), "names", "names[2] is 'a' again");
        Refused<ArgumentNullException>(() => LabelEncoder.Of(null!), "labels");
        Refused<ArgumentException>(() => encoder.Encode("c"), "name", "LabelEncoder knows a, b, but got 'c'.");
        Refused<ArgumentException>(() => encoder.OneHot(["a", "A"]), "name", "'A'");
        Refused<ArgumentNullException>(() => encoder.Encode((string)null!), "name");
        Refused<ArgumentNullException>(() => encoder.Encode((string[])null!), "names");
        Refused<ArgumentNullException>(() => encoder.Decode(null!), "labels");
        Refused<ArgumentOutOfRangeException>(() => encoder.Decode(2), "label", "from 0 to 1, but got 2");
        Refused<ArgumentOutOfRangeException>(() => encoder.Decode([0, -1]), "label", "-1");
        FluentActions.Invoking(() => LabelEncoder.Load("/nowhere/names.json")).Should().Throw<IOException>();
        FluentActions.Invoking(() => encoder.Save("")).Should().Throw<ArgumentException>();
    }
}
