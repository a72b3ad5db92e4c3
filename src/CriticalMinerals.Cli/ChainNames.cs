using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Cli;

/// <summary>How people name a battery: by its chain name, by the path on its label, or by the whole address scanned from it.</summary>
internal static class ChainNames
{
    /// <summary>The path under a resolver, such as <c>01/…/21/…</c>.</summary>
    internal static string PathOf(string name)
    {
        var path = Gs1.Path(name) ?? name.TrimStart('/');
        return Gs1.IsItem(SubjectOf(path)) ? path
            : throw new UsageException($"{name} names no battery: 01/<GTIN of 14 digits>/21/<serial>, 8004/<GIAI>, id/<uuid>, or the chain name was expected. Is the check digit right?");
    }

    /// <summary>The chain name for a path under a resolver.</summary>
    internal static string SubjectOf(string path) => path.StartsWith("id/", StringComparison.Ordinal) ? "urn:uuid:" + path["id/".Length..] : "https://id.gs1.org/" + path;
}
