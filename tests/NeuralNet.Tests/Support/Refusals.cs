namespace NeuralNet.Tests;

/// <summary>What a public door refuses.</summary>
internal static class Refusals
{
    /// <summary>The call throws that exception, names the parameter, and says all of it.</summary>
    public static void Refused<TException>(Func<object?> call, string parameter, params string[] says)
        where TException : ArgumentException
    {
        var exception = call.Should().ThrowExactly<TException>().Which;
        exception.ParamName.Should().Be(parameter);
        foreach (string words in says)
        {
            exception.Message.Should().Contain(words);
        }
    }
}
