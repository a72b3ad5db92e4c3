using System.CommandLine;
using System.Text.Json.Nodes;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Enrolling;
using CriticalMinerals.Lifecycle.Registry;
using CriticalMinerals.Lifecycle.Values;

namespace CriticalMinerals.Cli;

/// <summary>
/// <c>cml operator approve</c>: shows a request and what would be granted, asks, then signs the enrolment and the prefixes. Everything that can be refused is
/// looked for before the first signature; interrupted, the same command goes on where it stopped.
/// </summary>
internal static class OperatorApprove
{
    internal static Command Make(Terminal terminal)
    {
        var request = new Argument<string>("request") { Description = "Request made by the operator's cml key new." };
        var name = new Option<string?>("--name") { Description = "Name of the firm or authority." };
        var person = new Option<string?>("--person-name") { Description = "Name of a natural person: a disclosure that can be erased." };
        var roles = Roles.Option();
        var prefixes = new Option<string[]>("--prefix") { Description = "Prefixes to grant, each scheme:prefix, such as gtin:4012345.", AllowMultipleArgumentsPerToken = true };
        var yes = new Option<bool>("--yes") { Description = "Do not ask." };
        var signing = new Signing(terminal);
        var command = new Command("approve", "Look at a request, then enrol the operator and grant its prefixes.") { request, name, person, roles, prefixes, yes };
        signing.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            IReadOnlyList<GrantedIdentifier> asked = [.. parsed.GetValue(prefixes)!.Select(ReadPrefix).Distinct()];
            IReadOnlyList<Role> granted = [.. parsed.GetRequiredValue(roles).Select(Roles.Read)];
            return signing.WithAsync(
                parsed,
                async (producer, api) =>
                {
                    var review = await ReviewedRequest.OfAsync(EnrolmentRequest.Read(parsed.GetRequiredValue(request), producer.Origin), api, cancellation);
                    var enrolment = Enrol.StatementOf(review.Asked, parsed.GetValue(name), parsed.GetValue(person), granted);
                    if ((CheckOperator(review, parsed.GetValue(name), granted) ?? review.CheckKey() ?? CheckPrefixes(review, asked)) is { } refusal)
                    {
                        return terminal.Fail(ExitCode.Rejected, refusal.Code.ToCode(), refusal.Detail);
                    }

                    var grants = asked.Where(i => review.Known?.Identifiers.Contains(i) != true).Select(i => GrantOf(review.Asked.Operator, i)).ToList();
                    if ((Check.FormOf(enrolment) ?? grants.Select(Check.FormOf).FirstOrDefault(wrong => wrong is not null)) is { } malformed)
                    {
                        return terminal.Fail(ExitCode.Rejected, malformed.Code.ToCode(), malformed.Detail);
                    }

                    var statements = review.Known is null ? [enrolment, .. grants] : grants;
                    if (review.Known is null)
                    {
                        await producer.CheckAsync(enrolment, cancellation);
                    }

                    foreach (var line in review.Lines())
                    {
                        terminal.Say(line);
                    }

                    if (review.Known is null)
                    {
                        terminal.Say($"To be signed: operator-enrolled.v1: {(parsed.GetValue(name) is { } firm ? $"name \"{Terminal.Printable(firm)}\"" : "name of a person, disclosed")}, {Roles.Text(granted)}.");
                    }

                    foreach (var identifier in asked)
                    {
                        terminal.Say(review.Known?.Identifiers.Contains(identifier) == true
                            ? $"Granted already: {identifier.Scheme}:{identifier.Prefix}."
                            : $"To be signed: identifier-granted.v1: {identifier.Scheme}:{identifier.Prefix}.");
                    }

                    return statements.Count == 0 ? terminal.Give($"{review.Asked.Operator} has all of it: nothing was signed.", new JsonObject { ["operator"] = review.Asked.Operator, ["entries"] = new JsonArray() })
                        : !parsed.GetValue(yes) && !terminal.Confirms($"Sign for {review.Asked.Operator}?") ? terminal.Fail(ExitCode.Rejected, "declined", "Nothing was signed.")
                        : await SignedStatements.SayAsync(terminal, producer, review.Asked.Operator, statements, cancellation);
                },
                cancellation);
        });
        return command;
    }

    private static Statement GrantOf(string did, GrantedIdentifier identifier) =>
        new(Names.GrantsChain(did), EventEncoding.Of(new IdentifierGranted { Scheme = identifier.Scheme, Prefix = identifier.Prefix }));

    private static GrantedIdentifier ReadPrefix(string text) =>
        text.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && colon < text.Length - 1
            ? new GrantedIdentifier(text[..colon], text[(colon + 1)..])
            : throw new UsageException($"{text} is no prefix: scheme:prefix was expected, such as gtin:4012345.");

    // Enrolled by this request before, it is the same command again; by another, it is no enrolment.
    private static Refusal? CheckOperator(ReviewedRequest review, string? name, IReadOnlyList<Role> roles) =>
        review.Asked.Use != "operator" ? new Refusal(RefusalCode.KeyUseWrong, $"The request is for use {review.Asked.Use}: an operator is enrolled with a key for use operator.")
        : review.Known is null || (review.IsGranted && review.Known.Name == name && review.Known.Roles.ToHashSet().SetEquals(roles)) ? null
        : new Refusal(
            RefusalCode.ChainExists,
            $"{review.Asked.Operator} is enrolled since entry {review.Known.Since.ToString(System.Globalization.CultureInfo.InvariantCulture)} as {ReviewedRequest.Describe(review.Known)}. For a new key in place of a lost one: operator recover; for more: grant role, grant identifier.");

    // Of two grants neither prefix begins the other, unless one operator holds both.
    private static Refusal? CheckPrefixes(ReviewedRequest review, IReadOnlyList<GrantedIdentifier> asked) =>
        (from identifier in asked
         from other in review.Others
         from held in other.Identifiers
         where held.Scheme == identifier.Scheme
             && (held.Prefix.StartsWith(identifier.Prefix, StringComparison.Ordinal) || identifier.Prefix.StartsWith(held.Prefix, StringComparison.Ordinal))
         select new Refusal(RefusalCode.IdentifierOverlap, $"{identifier.Scheme}:{identifier.Prefix} overlaps with {held.Scheme}:{held.Prefix}, which {other.Did} holds.")).FirstOrDefault();
}

/// <summary>Several statements of the authority on one operator, said in one go.</summary>
internal static class SignedStatements
{
    private const int Resign = 3;

    /// <summary>Says them in order and tells each; the first that is refused is the end, and what was said before it stands.</summary>
    internal static async Task<int> SayAsync(Terminal terminal, Producer producer, string did, IReadOnlyList<Statement> statements, CancellationToken cancellation)
    {
        var (said, entries) = (new List<string>(), new JsonArray());
        foreach (var statement in statements)
        {
            try
            {
                // Who has a stolen key may write on the chain meanwhile, and must not get in the way of its end.
                var appended = await producer.AppendAsync(statement, Resign, cancellation);
                said.Add(Signing.Tell(appended));
                entries.Add(Signing.Describe(appended));
            }
            catch (LedgerApiException refused) when (!refused.IsUnreachable && said.Count > 0)
            {
                return terminal.Fail(ExitCode.Rejected, refused.Code, $"{refused.Detail} What was said before it stands: {string.Join(' ', said)}");
            }
        }

        return terminal.Give(string.Join('\n', said), new JsonObject { ["operator"] = did, ["entries"] = entries });
    }
}
