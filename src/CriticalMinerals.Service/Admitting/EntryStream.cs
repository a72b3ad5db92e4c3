using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Service.Log;
using Microsoft.AspNetCore.Http.Features;

namespace CriticalMinerals.Service.Admitting;

/// <summary>
/// Many entries in one request: lines <c>{"sd_jwt":"…"}</c> in, one answer line out for each, in the same order, while the rest still comes in. Not atomic:
/// each entry stands for itself. When the ledger is busy the stream waits, so a sender is slowed down and never refused for speed.
/// </summary>
public sealed class EntryStream(Intake intake) : IResult
{
    private const int Window = 1024;

    // The JSON around the text of an entry and its escapes; base64url, dots and tildes need none.
    private const int MaximumLine = SignedEntry.MaximumLength + 1024;

    private static readonly JsonSerializerOptions Json = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        if (httpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }

        httpContext.Response.ContentType = "application/x-ndjson";
        httpContext.Response.Headers.CacheControl = "no-store";
#pragma warning disable CA2025 // The finally block below waits for the writer before its token source is disposed.
        using var stopped = CancellationTokenSource.CreateLinkedTokenSource(httpContext.RequestAborted);
        var answers = Channel.CreateBounded<Task<byte[]>>(new BoundedChannelOptions(Window) { SingleReader = true, SingleWriter = true });
        var writing = WriteAsync(answers.Reader, httpContext.Response, stopped);
#pragma warning restore CA2025
        try
        {
            await ReadAsync(httpContext.Request.BodyReader, answers.Writer, stopped.Token);
        }
        finally
        {
            answers.Writer.TryComplete();
            await writing;
        }
    }

    private async Task ReadAsync(PipeReader body, ChannelWriter<Task<byte[]>> answers, CancellationToken cancel)
    {
        var before = Task.CompletedTask;
        while (true)
        {
            var read = await body.ReadAsync(cancel);
            var buffer = read.Buffer;
            while (buffer.PositionOf((byte)'\n') is { } end)
            {
                before = await TakeAsync(buffer.Slice(0, end).ToArray(), before, answers, cancel);
                buffer = buffer.Slice(buffer.GetPosition(1, end));
            }

            // Where the line after an endless one begins cannot be known any more.
            var isEnd = read.IsCompleted || buffer.Length > MaximumLine;
            if (isEnd && buffer.Length > 0)
            {
                await TakeAsync(buffer.Slice(0, Math.Min(buffer.Length, MaximumLine + 1)).ToArray(), before, answers, cancel);
                buffer = buffer.Slice(buffer.End);
            }

            body.AdvanceTo(buffer.Start, buffer.End);
            if (isEnd)
            {
                return;
            }
        }
    }

    /// <summary>Begins with a line; the task that comes back ends when this line and all before it are queued or refused.</summary>
    private async Task<Task> TakeAsync(byte[] line, Task before, ChannelWriter<Task<byte[]>> answers, CancellationToken cancel)
    {
        var queued = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await answers.WriteAsync(AnswerAsync(line, before, queued, cancel), cancel);
        return Task.WhenAll(before, queued.Task);
    }

    private async Task<byte[]> AnswerAsync(byte[] line, Task before, TaskCompletionSource queued, CancellationToken cancel)
    {
        try
        {
            if (line.Length > MaximumLine)
            {
                return Line(new Outcome.Refused(Problems.Of(new Fault(Failure.TooLarge, $"A line has at most {MaximumLine} bytes."))));
            }

            if (StrictJson.Parse(line, out var fault) is not { ValueKind: JsonValueKind.Object } json || json.EnumerateObject().Count() != 1 ||
                !json.TryGetProperty("sd_jwt", out var text) || text.ValueKind != JsonValueKind.String)
            {
                return Line(new Outcome.Refused(Problems.Of(fault ?? new Fault(Failure.EntryMalformed, "A line is {\"sd_jwt\":\"…\"} with nothing else."))));
            }

            // What is outside of base64url is refused when the entry is read.
            var (candidate, outcome) = await intake.ReadAsync(Encoding.UTF8.GetBytes(text.GetString()!), cancel);
            return Line(outcome ?? await SubmitAsync(candidate!, before, queued, cancel));
        }
        finally
        {
            queued.TrySetResult();
        }
    }

    // Reading runs ahead, the order of the lines does not change: a line may rest on the one before it.
    private async Task<Outcome> SubmitAsync(Candidate candidate, Task before, TaskCompletionSource queued, CancellationToken cancel)
    {
        await before.WaitAsync(cancel);
        var answer = intake.SubmitAsync(candidate);
        while (answer is { IsCompletedSuccessfully: true, Result: Outcome.Refused(var refused) } && ReferenceEquals(refused, Problems.Overloaded))
        {
            await Task.Delay(20, cancel);
            answer = intake.SubmitAsync(candidate);
        }

        queued.TrySetResult();
        return await answer;
    }

    private static async Task WriteAsync(ChannelReader<Task<byte[]>> answers, HttpResponse response, CancellationTokenSource stopped)
    {
        try
        {
            await foreach (var answer in answers.ReadAllAsync(stopped.Token))
            {
                response.BodyWriter.Write(await answer);
                if (!answers.TryPeek(out var next) || !next.IsCompleted)
                {
                    await response.BodyWriter.FlushAsync(stopped.Token);
                }
            }

            await response.BodyWriter.FlushAsync(stopped.Token);
        }
        catch
        {
            // The sender does not listen any more: stop reading it too.
            await stopped.CancelAsync();
            throw;
        }
    }

    private static byte[] Line(Outcome outcome) => JsonSerializer.SerializeToUtf8Bytes(
        outcome switch
        {
            Outcome.Admitted(var hash, var index, _) => new Dictionary<string, object> { ["status"] = 201, ["index"] = index, ["leaf_hash"] = hash.ToString() },
            Outcome.Repeated(var hash, var index) => new Dictionary<string, object> { ["status"] = 200, ["index"] = index, ["leaf_hash"] = hash.ToString() },
            Outcome.Refused(var problem) => new Dictionary<string, object> { ["status"] = problem.Status, ["problem"] = problem.Members() },
            _ => throw new InvalidOperationException("An outcome of no known kind."),
        },
        Json).Append((byte)'\n').ToArray();
}
