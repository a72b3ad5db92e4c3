using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Tests.Client;
using CriticalMinerals.Tests.Lifecycle;

namespace CriticalMinerals.Tests.Cli;

/// <summary>Audits by <c>cml</c>, and as whom it asks for them.</summary>
public sealed class AuditRuns : IDisposable
{
    private readonly Session _session = new();
    private readonly Folder _folder;
    private readonly World _world;
    private readonly Door _door;

    public AuditRuns() => (_folder, _world, _door) = (_session.Folder, _session.World, _session.Door);

    public void Dispose() => _session.Dispose();

    [Fact]
    public async Task An_audit_says_what_was_checked_and_what_was_not()
    {
        await _session.EnrolMineAsync();
        Assert.Equal(
            $"""
            exit 0
            out: verified: ledger.example.com/log/2026, size 2, root <43>
            out: 2 entries on 2 chains, 0 of them batteries; 0 entries disputed
            out: checked: the checkpoint's signature by the log key, and that the log's own chain names that key
            out: checked: every entry: form, hash, signature, key valid at its index, chain order, rights, references, each line taken at most once
            out: checked: every stored hash and the root, recomputed from the entries
            out: not checked: whether the log showed others another history: no earlier checkpoint to compare with, and witnesses are not asked
            out: not checked: whether the log key is the right one: it was taken from the log itself; give it with the audit
            """,
            await Run("audit", Door.Address));

        _world.Log[1] = _world.Enrols(Party.Of("did:web:mine.example"), Role.Miner);
        Assert.StartsWith("exit 1\nout: REJECTED: ", await Run("audit", Door.Address), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_audit_as_an_operator_asks_for_every_file_as_that_operator_and_says_why()
    {
        await _session.EnrolMineAsync();
        _door.Asked.Clear();
        Assert.StartsWith("exit 0\nout: verified: ", await Run("audit", Door.Address, "--as", _folder["mine.pem"], "--purpose", "yearly-audit"), StringComparison.Ordinal);
        _session.AskedAsMine("yearly-audit", "/vkey", "/checkpoint", "/tile/0/000.p/2", "/tile/entries/000.p/2", "/disclosures/0");
    }

    [Fact]
    public async Task Who_asks_is_said_whole_or_not_at_all()
    {
        await _session.EnrolMineAsync();
        _door.Asked.Clear();
        foreach (var (args, said) in new (string[], string)[]
        {
            ([Door.Address, "--purpose", "recall-check"], "--purpose and --kid say more of who asks: give --as."),
            ([Door.Address, "--kid", "did:web:mine.example#k1"], "--purpose and --kid say more of who asks: give --as."),
            ([Door.Address, "--as", _folder["mine.pem"], "--purpose", "Recall check"], "--purpose is a word of lower-case letters, digits and hyphens, a letter first, at most 64."),
            ([Door.Address, "--as", _folder["authority.pem"]], "The key id of <folder>/authority.pem is missing or malformed: give --kid did:web:…#name."),
            ([_folder.Path, "--as", _folder["mine.pem"]], "<folder> is a folder, which asks nobody who reads it: leave --as out."),
        })
        {
            Assert.Equal($"exit 2\nerr: cml: usage: {said}", await Run(["audit", .. args]));
        }

        Assert.Empty(_door.Asked);
    }

    private Task<string> Run(params string[] args) => _session.Run(args);
}
