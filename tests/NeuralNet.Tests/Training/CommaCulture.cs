using System.Globalization;

namespace NeuralNet.Tests.Training;

/// <summary>Runs a function where a comma parts decimals, as in Germany.</summary>
internal static class CommaCulture
{
    public static T Run<T>(Func<T> function)
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            // By hand, because a machine without ICU's data knows the invariant culture only.
            CultureInfo.CurrentCulture = new CultureInfo("", useUserOverride: false)
            {
                NumberFormat = { NumberDecimalSeparator = ",", NumberGroupSeparator = ".", NegativeSign = "~" },
            };
            return function();
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
