using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace CriticalMinerals.Cli;

/// <summary>
/// The rules of output. What was asked for goes to stdout and nothing else does, so that it can be piped; all talk (what happens, warnings, what to do
/// next, progress) goes to stderr. With <c>--json</c> stdout is exactly one JSON document, also for a failure, which then has <c>code</c> and
/// <c>detail</c>. A failure is one line: <c>cml: code: detail</c>. Colour, tables' borders and bars only where a person looks. A private key is never
/// printed, only written to files that their owner alone can read, and never over an existing file. What a person has to look at before it is signed is
/// shown and asked on stderr, and only <c>y</c> or <c>yes</c> is yes; where nobody can answer, <c>--yes</c> does.
/// </summary>
public sealed class Terminal : IDisposable
{
    private static readonly JsonSerializerOptions Form = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly HttpMessageHandler _network;
    private readonly bool _isWatched;
    private readonly TextReader? _input;

    /// <summary>A terminal on given writers.</summary>
    /// <param name="output">Data.</param>
    /// <param name="error">Talk.</param>
    /// <param name="network">What requests go through.</param>
    /// <param name="isWatched">Whether a person looks at it.</param>
    /// <param name="input">Where a person answers; null when there is nobody.</param>
    public Terminal(TextWriter output, TextWriter error, HttpMessageHandler network, bool isWatched, TextReader? input = null)
    {
        Output = output;
        Error = error;
        _network = network;
        _isWatched = isWatched;
        _input = input;
    }

    /// <summary>Data.</summary>
    public TextWriter Output { get; }

    /// <summary>Talk.</summary>
    public TextWriter Error { get; }

    /// <summary>Whether stdout is one JSON document.</summary>
    public bool Json { get; set; }

    /// <summary>The terminal of this process.</summary>
    public static Terminal OfProcess() => new(Console.Out, Console.Error, new SocketsHttpHandler { AllowAutoRedirect = false }, !Console.IsErrorRedirected && !Console.IsOutputRedirected, Console.IsInputRedirected ? null : Console.In);

    /// <summary>Says something to the person.</summary>
    public void Say(string text) => Error.WriteLine(text);

    /// <summary>Asks the person; anything but <c>y</c> and <c>yes</c> is no.</summary>
    /// <exception cref="UsageException">There is nobody to ask.</exception>
    public bool Confirms(string question)
    {
        if (_input is null)
        {
            throw new UsageException($"{question} Nobody is here to answer: give --yes.");
        }

        Error.Write($"{question} [y/N] ");
        return _input.ReadLine()?.Trim().ToLowerInvariant() is "y" or "yes";
    }

    /// <summary>Text of others with its control characters made visible, so that it does nothing to the terminal.</summary>
    public static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c));

    /// <summary>Gives the result: as text, or as the JSON document.</summary>
    public int Give(string text, JsonObject json, int code = ExitCode.Done)
    {
        json.Insert(0, "ok", code == ExitCode.Done);
        Output.WriteLine(Json ? json.ToJsonString(Form) : text);
        return code;
    }

    /// <summary>Gives a table, or the JSON document.</summary>
    public int Give(Table table, JsonObject json, int code = ExitCode.Done)
    {
        if (Json)
        {
            return Give("", json, code);
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(Output),
            Ansi = _isWatched ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = _isWatched ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
        });
        if (!_isWatched)
        {
            console.Profile.Width = 160;
        }

        console.Write(table);
        return code;
    }

    /// <summary>Says why it failed; gives the exit code.</summary>
    public int Fail(int code, string reason, string detail)
    {
        if (Json)
        {
            return Give("", new JsonObject { ["code"] = reason, ["detail"] = detail }, code);
        }

        Error.WriteLine($"cml: {reason}: {detail}");
        return code;
    }

    /// <summary>Shows how far a long task is, how fast it goes and how long it takes yet, on stderr and only to a person.</summary>
    public async Task<T> WatchAsync<T>(string what, string unit, Func<IProgress<(double Done, double Of)>, Task<T>> task)
    {
        if (!_isWatched || Json)
        {
            return await task(new Progress<(double, double)>());
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Error) });
        return await console.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn()).StartAsync(context =>
        {
            var bar = context.AddTask(what);
            var pace = new Pace(unit, TimeProvider.System);
            return task(new Progress<(double Done, double Of)>(p =>
            {
                bar.MaxValue = Math.Max(p.Of, 1);
                bar.Value = Math.Max(bar.Value, p.Done);
                bar.Description = $"{what} {pace.Of(bar.Value, p.Of)}".TrimEnd();
            }));
        });
    }

    /// <summary>A client for a ledger's address.</summary>
    /// <exception cref="UsageException">The address is no http or https URL.</exception>
    public HttpClient Http(string url) =>
        Uri.TryCreate(url.EndsWith('/') ? url : url + "/", UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? new HttpClient(_network, disposeHandler: false) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(60) }
            : throw new UsageException($"{url} is no http or https address.");

    public void Dispose()
    {
        _network.Dispose();
        _input?.Dispose();
    }
}
