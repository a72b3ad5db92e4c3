using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using CriticalMinerals.Client;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Enrolling;
using CriticalMinerals.Lifecycle.Registry;

namespace CriticalMinerals.Cli;

/// <summary>
/// <c>cml operator recover</c>: an operator that lost its only key made a new one; the authority enters that and ends the lost one, or reports it as stolen.
/// Interrupted, the same command goes on where it stopped.
/// </summary>
internal static class OperatorRecover
{
    internal static Command Make(Terminal terminal)
    {
        var request = new Argument<string>("request") { Description = "Request for the new key, made by the operator's cml key new." };
        var lost = new Option<string[]>("--lost") { Description = "The keys that end, did:web:…#name; by default the only one that the operator has.", AllowMultipleArgumentsPerToken = true };
        var from = new Option<long?>("--compromised-from") { Description = "A stranger had them from this log index on: their entries from there on are disputed." };
        var yes = new Option<bool>("--yes") { Description = "Do not ask." };
        var signing = new Signing(terminal);
        var command = new Command("recover", "Give an operator a new key in place of a lost one.") { request, lost, from, yes };
        signing.AddTo(command);
        command.SetAction((parsed, cancellation) => signing.WithAsync(
            parsed,
            async (producer, api) =>
            {
                var review = await ReviewedRequest.OfAsync(EnrolmentRequest.Read(parsed.GetRequiredValue(request), producer.Origin), api, cancellation);
                if ((CheckOperator(review) ?? review.CheckKey()) is { } refusal)
                {
                    return terminal.Fail(ExitCode.Rejected, refusal.Code.ToCode(), refusal.Detail);
                }

                var (asked, known, stolenFrom) = (review.Asked, review.Known!, parsed.GetValue(from));
                var ending = Ending(known, asked.Key.Kid, parsed.GetValue(lost)!).Where(key => stolenFrom is { } index ? !(key.DisputedFrom <= index) : key.Revoked is null).ToList();
                Statement[] added = review.IsGranted ? [] : [new Statement(known.Did, EventEncoding.Of(new KeyAdded { Kid = asked.Key.Kid, Use = KeyUse.Operator, Jwk = asked.Key.Jwk, Proof = asked.Key.Proof }))];
                List<Statement> statements = [.. added, .. ending.Select(key => EndOf(known.Did, key.Kid, stolenFrom))];
                if (added.Length > 0)
                {
                    await producer.CheckAsync(added[0], cancellation);
                }

                foreach (var line in (string[])[
                    .. review.Lines(),
                    .. known.Suspended ? (string[])["It is suspended and stays so: the new key signs once it is reinstated."] : [],
                    .. added.Select(_ => $"To be signed: key-added.v1: {asked.Key.Kid}."),
                    .. ending.Select(key => stolenFrom is { } index
                        ? string.Create(CultureInfo.InvariantCulture, $"To be signed: key-compromised.v1: {key.Kid}; its entries from index {index} on are disputed, and keys that it added from there on end.")
                        : $"To be signed: key-revoked.v1: {key.Kid}, lost."),
                    .. known.GoodKeys.Except(ending).Where(key => key.Kid != asked.Key.Kid).Select(key => $"Stays: {key.Kid}.")])
                {
                    terminal.Say(line);
                }

                return statements.Count == 0 ? terminal.Give($"{known.Did} signs with {asked.Key.Kid} already: nothing was signed.", new JsonObject { ["operator"] = known.Did, ["entries"] = new JsonArray() })
                    : !parsed.GetValue(yes) && !terminal.Confirms($"Sign for {known.Did}?") ? terminal.Fail(ExitCode.Rejected, "declined", "Nothing was signed.")
                    : await SignedStatements.SayAsync(terminal, producer, known.Did, statements, cancellation);
            },
            cancellation));
        return command;
    }

    private static Refusal? CheckOperator(ReviewedRequest review) =>
        review.Asked.Use != "operator" ? new Refusal(RefusalCode.KeyUseWrong, $"The request is for use {review.Asked.Use}: an operator signs with a key for use operator.")
        : review.Known is null ? new Refusal(RefusalCode.OperatorUnknown, $"{review.Asked.Operator} is not enrolled in this log. To enrol it: operator approve.")
        : null;

    private static IReadOnlyList<OperatorKey> Ending(EnrolledOperator known, string added, string[] lost)
    {
        if (lost.Length > 0)
        {
            return [.. lost.Distinct().Select(kid => kid == added ? throw new UsageException($"{kid} is the new key.") : known.Keys.FirstOrDefault(k => k.Kid == kid) ?? throw new UsageException($"{kid} is no key of {known.Did}. Its keys: {Kids(known.Keys)}."))];
        }

        OperatorKey[] good = [.. known.GoodKeys.Where(key => key.Kid != added)];
        return good.Length <= 1 ? good : throw new UsageException($"{known.Did} has several keys: {Kids(good)}. Say with --lost which end.");
    }

    private static string Kids(IEnumerable<OperatorKey> keys) => string.Join(", ", keys.Select(k => k.Kid));

    private static Statement EndOf(string did, string kid, long? stolenFrom) => new(did, EventEncoding.Of(stolenFrom is { } index
        ? new KeyCompromised { Kid = kid, FromIndex = index }
        : (LifecycleEvent)new KeyRevoked { Kid = kid, Reason = RevocationReason.Lost }));
}
