namespace NeuralNet.Tests.Support;

/// <summary>The folders that the tests are run in.</summary>
internal static class Repository
{
    /// <summary>The folder of the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The path of a file of data that is not committed, in <c>shared/data</c> beside the repository; it may be absent.</summary>
    public static string SharedData(string name) => Path.Combine(Root, "..", "shared", "data", name);

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "NeuralNet.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder
            ?? throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} has NeuralNet.sln: run tests in a clone.");
    }
}
