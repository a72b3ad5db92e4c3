using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using CriticalMinerals.Client;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Registry;

namespace CriticalMinerals.Cli;

/// <summary><c>cml operator review</c>: what a request asks for and what the ledger knows already of the operator and its key. Needs no key and signs nothing.</summary>
internal static class OperatorReview
{
    internal static Command Make(Terminal terminal)
    {
        var request = new Argument<string>("request") { Description = "Request made by the operator's cml key new." };
        var url = new Option<string>("--url") { Description = "Address of the ledger.", Required = true };
        var command = new Command("review", "Look at a request; sign nothing.") { request, url };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var http = terminal.Http(parsed.GetRequiredValue(url));
            var api = new LedgerApi(http);
            var review = await ReviewedRequest.OfAsync(EnrolmentRequest.Read(parsed.GetRequiredValue(request), (await api.GetLogAsync(cancellation)).Origin), api, cancellation);
            return terminal.Give(string.Join('\n', review.Lines()), review.ToJson());
        });
        return command;
    }
}

/// <summary>A request beside what the ledger tells of its operator and its key.</summary>
/// <param name="Asked">The request; its proof was checked.</param>
/// <param name="Known">The operator, when it is enrolled.</param>
/// <param name="Holder">The operator under which this public key was ever registered.</param>
/// <param name="Others">All other operators: their prefixes bound what can be granted.</param>
internal sealed record ReviewedRequest(EnrolmentRequest Asked, EnrolledOperator? Known, EnrolledOperator? Holder, IReadOnlyList<EnrolledOperator> Others)
{
    internal static async Task<ReviewedRequest> OfAsync(EnrolmentRequest asked, LedgerApi api, CancellationToken cancellation)
    {
        var all = await api.GetOperatorsAsync(cancellation).ToListAsync(cancellation);
        return new ReviewedRequest(
            asked, all.Find(o => o.Did == asked.Operator), all.Find(o => o.Keys.Any(k => k.X == asked.Key.Jwk.X)), [.. all.Where(o => o.Did != asked.Operator)]);
    }

    /// <summary>Whether the key was registered under this very name: the request was granted before.</summary>
    internal bool IsGranted => Registered?.X == Asked.Key.Jwk.X;

    /// <summary>Why the key can never be entered; null when it can, or was under this name and still signs.</summary>
    internal Refusal? CheckKey() =>
        Registered is { IsGood: true } && IsGranted ? null
        : Registered is not null ? new Refusal(RefusalCode.KeyReused, $"{Asked.Key.Kid} was used before, for another key or for one that ended. Ask for a request with a new key under a new name.")
        : Holder is not null ? new Refusal(RefusalCode.KeyReused, $"This public key is registered for {Holder.Did}. A key is never used twice: ask for a request with a new key.")
        : null;

    /// <summary>What a person reads before deciding.</summary>
    internal IEnumerable<string> Lines()
    {
        yield return $"{Asked.Operator} asks {Asked.Origin} to take its key {Asked.Key.Kid} for use {Asked.Use}.";
        yield return $"Fingerprint {Asked.Thumbprint}: compare it with the one that the operator reads to you. The request proves only that its sender has the key.";
        yield return Known is null ? "The operator is not enrolled." : string.Create(CultureInfo.InvariantCulture, $"The operator is enrolled since index {Known.Since} as {Describe(Known)}.");
        yield return Holder is null ? "The key is not registered for any operator."
            : IsGranted ? "The key is registered under this name."
            : $"The key is registered for {Holder.Did} as {string.Join(", ", Holder.Keys.Where(k => k.X == Asked.Key.Jwk.X).Select(k => k.Kid))}.";
    }

    internal JsonObject ToJson() => new()
    {
        ["operator"] = Asked.Operator,
        ["kid"] = Asked.Key.Kid,
        ["use"] = Asked.Use,
        ["fingerprint"] = Asked.Thumbprint.ToString(),
        ["enrolledSince"] = Known?.Since,
        ["keyRegisteredFor"] = Holder?.Did,
    };

    /// <summary>Name, roles and standing of an operator.</summary>
    internal static string Describe(EnrolledOperator o) =>
        $"{(o.Name is { } name ? $"\"{Terminal.Printable(name)}\"" : "a person")}, {Roles.Text(o.Roles)}, {OperatorList.StandingOf(o).ToString().ToLowerInvariant()}";

    private OperatorKey? Registered => Known?.Keys.FirstOrDefault(k => k.Kid == Asked.Key.Kid);
}
