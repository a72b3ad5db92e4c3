namespace CriticalMinerals.Cli;

// In a namespace: the web framework would make a global one public, and the service's is that already.
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        using var terminal = Terminal.OfProcess();
        return await CommandLine.RunAsync(args, terminal);
    }
}
