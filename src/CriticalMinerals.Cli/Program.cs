using CriticalMinerals.Cli;

using var terminal = Terminal.OfProcess();
return await CommandLine.RunAsync(args, terminal);
