using System.CommandLine;
using CriticalMinerals.Client;

namespace CriticalMinerals.Cli;

/// <summary>The verbs of <c>cml</c>, and the one place where what went wrong becomes an exit code.</summary>
public static class CommandLine
{
    /// <summary>Runs one command; gives the exit code.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, Terminal terminal)
    {
        var parsed = Commands(terminal).Parse(args);
        terminal.Json = args.Contains("--json");
        if (parsed.Errors.Count > 0)
        {
            return terminal.Fail(ExitCode.Usage, "usage", string.Join(' ', parsed.Errors.Select(e => e.Message)) + " See --help.");
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = terminal.Output, Error = terminal.Error });
        }
        catch (UsageException e)
        {
            return terminal.Fail(ExitCode.Usage, "usage", e.Message);
        }
        catch (LedgerApiException e)
        {
            return terminal.Fail(e.IsUnreachable ? ExitCode.Unreachable : ExitCode.Rejected, e.Code, e.Detail);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return terminal.Fail(ExitCode.Usage, "file", e.Message);
        }
        catch (OperationCanceledException)
        {
            return terminal.Fail(ExitCode.Unreachable, "interrupted", "Interrupted. What was signed stays in the journal; the next append sends it first. An audit with --state goes on where it was, an export too.");
        }
    }

    private static RootCommand Commands(Terminal terminal)
    {
        var root = new RootCommand("Battery passport ledger: producers sign, auditors verify. Exit codes: 0 verified or done, 1 rejected, 2 usage, 3 unreachable.")
        {
            new Command("log", "The log itself.") { LogOpen.Make(terminal) },
            new Command("key", "Keys of operators and of the log.") { KeyNew.Make(terminal), KeyWitness.Make(terminal), KeyAdd.Make(terminal), KeyRevoke.Make(terminal) },
            Enrol.Make(terminal),
            new Command("operator", "Who is enrolled, and what the authority decides about them.")
            {
                OperatorList.Make(terminal), OperatorReview.Make(terminal), OperatorApprove.Make(terminal), OperatorSuspend.Make(terminal), OperatorReinstate.Make(terminal), OperatorRecover.Make(terminal),
            },
            new Command("grant", "What the authority gives an operator.") { GrantIdentifier.Make(terminal), GrantRole.Make(terminal) },
            new Command("withdraw", "What the authority takes back.") { WithdrawIdentifier.Make(terminal), WithdrawRole.Make(terminal) },
            Delegate.Make(terminal),
            Check.Make(terminal),
            Append.Make(terminal),
            Import.Make(terminal),
            Attach.Make(terminal),
            GetReceipt.Make(terminal),
            Verify.Make(terminal),
            Disclose.Make(terminal),
            Audit.Make(terminal),
            Export.Make(terminal),
            WitnessRun.Make(terminal),
            Monitor.Make(terminal),
            Passport.Make(terminal),
            Label.Make(terminal),
            Readings.Make(terminal),
        };
        root.Add(new Option<bool>("--json") { Description = "One JSON document on stdout instead of text.", Recursive = true });
        return root;
    }
}

/// <summary>What a shell learns.</summary>
public static class ExitCode
{
    /// <summary>Verified, or done.</summary>
    public const int Done = 0;

    /// <summary>The ledger refused, or evidence is not what it claims to be.</summary>
    public const int Rejected = 1;

    /// <summary>The command was used wrongly, or a file is missing.</summary>
    public const int Usage = 2;

    /// <summary>No answer: nothing is known of the outcome.</summary>
    public const int Unreachable = 3;
}

/// <summary>The command was used wrongly; the message says how to use it.</summary>
public sealed class UsageException(string message) : Exception(message);
