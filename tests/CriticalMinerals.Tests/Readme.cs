using System.Runtime.CompilerServices;

namespace CriticalMinerals.Tests;

/// <summary>What the README shows of the code is the code.</summary>
public sealed class Readme
{
    [Fact]
    public void The_event_that_the_README_adds_is_the_one_that_is_there()
    {
        var root = Root();
        var lines = File.ReadAllLines(Path.Combine(root, "README.md"));
        var diff = lines.SkipWhile(l => l != "```diff").Skip(1).TakeWhile(l => l != "```").ToArray();
        var files = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var line in diff)
        {
            if (line.StartsWith("+++ ", StringComparison.Ordinal))
            {
                files[line[4..]] = [];
            }
            else if (line.Length > 0)
            {
                files.Last().Value.Add(line[1..]);
            }
        }

        var (record, catalog) = (files.First(), files.Last());
        Assert.Equal(File.ReadAllLines(Path.Combine(root, record.Key)), record.Value);
        Assert.Contains(Assert.Single(catalog.Value), File.ReadAllLines(Path.Combine(root, catalog.Key)));
    }

    private static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../.."));
}
