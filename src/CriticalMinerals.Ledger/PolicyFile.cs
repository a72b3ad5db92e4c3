namespace CriticalMinerals.Ledger;

/// <summary>
/// Reads the C2SP tlog-policy format (5ba5ee8). Stricter in one thing: <c>all</c> and <c>any</c> are no names, as <c>none</c> is none, so that a reader
/// cannot take one for the other. Keys are Ed25519: type 0x01 for logs, 0x04 for witnesses.
/// </summary>
internal static class PolicyFile
{
    private static readonly string[] Keywords = ["log", "witness", "group", "quorum"];

    /// <summary>Whether the text is a policy file rather than bare verifier keys, which never are one of its words.</summary>
    internal static bool IsOne(string text) => Lines(text).Any(line => line is [var first, ..] && Keywords.Contains(first));

    internal static TrustPolicy? Parse(string text, out Fault? fault)
    {
        if (text[^1] != '\n' || text.Any(c => c is < ' ' and not ('\t' or '\n') or '\u007F'))
        {
            fault = Malformed("every line ends with a line feed, and there are no other control characters but tabs");
            return null;
        }

        var logs = new List<NoteVerifier>();
        var witnesses = new List<PolicyWitness>();
        var groups = new List<PolicyGroup>();
        var (names, members) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        string? quorum = null;
        var number = 0;
        foreach (var line in Lines(text))
        {
            number++;
            fault = line switch
            {
                [] => (Fault?)null,
                ["log", var vkey] => AddLog(vkey),
                ["log", var vkey, _] => AddLog(vkey),
                ["witness", var name, var vkey] => AddWitness(name, vkey, null),
                ["witness", var name, var vkey, var address] => AddWitness(name, vkey, address),
                ["group", var name, var threshold, .. var of] => AddGroup(name, threshold, of),
                ["quorum", var name] => SetQuorum(name),
                [var word, ..] when Keywords.Contains(word) => Malformed($"'{word}' has too few words or too many"),
                _ => Malformed("a line begins with log, witness, group, quorum or #"),
            };
            if (fault is not null)
            {
                fault = fault with { Detail = $"Line {number}: {fault.Detail}" };
                return null;
            }
        }

        fault = quorum is null ? Malformed("it has one quorum line; 'quorum none' asks for no witness") : null;
        return fault is not null ? null : new TrustPolicy(logs) { Witnesses = witnesses, Groups = groups, Quorum = quorum == "none" ? null : quorum };

        Fault? AddLog(string vkey)
        {
            if (Key(vkey, NoteSignatureType.Ed25519, "a log's key has type 0x01", out var wrong) is not { } key)
            {
                return wrong;
            }

            if (logs.Exists(log => log.Key.Equals(key.Key)))
            {
                return Malformed("the same key stands there twice");
            }

            logs.Add(key);
            return null;
        }

        Fault? AddWitness(string name, string vkey, string? address)
        {
            if (Key(vkey, NoteSignatureType.CosignatureV1, "a witness's key has type 0x04", out var wrong) is not { } key)
            {
                return wrong;
            }

            if (witnesses.Exists(witness => witness.Key.Key.Equals(key.Key)))
            {
                return Malformed("the same key stands there twice");
            }

            witnesses.Add(new PolicyWitness(name, key, address));
            return Define(name);
        }

        Fault? AddGroup(string name, string threshold, string[] of)
        {
            var enough = threshold switch
            {
                "any" => 1UL,
                "all" => (ulong)of.Length,
                _ => StrictDecimal.TryParse(threshold, out var k) ? k : 0UL,
            };
            if (of.Length == 0 || enough < 1 || enough > (ulong)of.Length)
            {
                return Malformed("a group is a name, all, any or a number from 1 to as many members as follow, and the members");
            }

            foreach (var member in of)
            {
                if (!names.Contains(member) || !members.Add(member))
                {
                    return Malformed("a member was defined on a line above, and is a member once");
                }
            }

            groups.Add(new PolicyGroup(name, (int)enough, of));
            return Define(name);
        }

        Fault? SetQuorum(string name)
        {
            if (quorum is not null || (name != "none" && !names.Contains(name)))
            {
                return Malformed("there is one quorum line, naming a witness or group defined above, or none");
            }

            quorum = name;
            return null;
        }

        Fault? Define(string name) => name is not ("none" or "all" or "any") && names.Add(name) ? null : Malformed("a name is given once, and is not none, all or any");
    }

    private static NoteVerifier? Key(string vkey, NoteSignatureType type, string needed, out Fault? fault)
    {
        if (NoteVerifier.Parse(vkey, out fault) is not { } key)
        {
            return null;
        }

        fault = key.Type == type ? null : new Fault(Failure.KeyMalformed, $"In a policy file {needed}.");
        return fault is null ? key : null;
    }

    private static IEnumerable<string[]> Lines(string text) => text.Split('\n')
        .Select(line => line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
        .Select(words => words is [['#', ..], ..] ? [] : words);

    private static Fault Malformed(string rule) => new(Failure.PolicyMalformed, $"In a policy file {rule}.");
}
