namespace MnistApp;

/// <summary>Finds the name that was meant.</summary>
internal static class Spelling
{
    /// <summary>
    /// Asks whether the name was meant that takes the fewest changes of a letter, whatever the case; empty where none is near.
    /// </summary>
    /// <remarks>Near is a name with at most a change for two letters of the word, dashes in front aside; of several, the first.</remarks>
    public static string Suggestion(string word, IEnumerable<string> names)
    {
        string nearest = names.MinBy(name => Distance(word.ToLowerInvariant(), name))!;
        return 2 * Distance(word.ToLowerInvariant(), nearest) <= word.TrimStart('-').Length ? $" Did you mean {nearest}?" : "";
    }

    /// <summary>How many letters must be put in, left out, replaced or swapped with the next.</summary>
    /// <remarks>Damerau's and Levenshtein's distance, as optimal string alignment.</remarks>
    private static int Distance(string a, string b)
    {
        var least = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
            {
                least[i, j] = (i, j) switch
                {
                    (0, _) => j,
                    (_, 0) => i,
                    _ => Math.Min(Math.Min(least[i - 1, j], least[i, j - 1]) + 1, least[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)),
                };
                if (i > 1 && j > 1 && (a[i - 1], a[i - 2]) == (b[j - 2], b[j - 1]))
                {
                    least[i, j] = Math.Min(least[i, j], least[i - 2, j - 2] + 1);
                }
            }
        }

        return least[a.Length, b.Length];
    }
}
