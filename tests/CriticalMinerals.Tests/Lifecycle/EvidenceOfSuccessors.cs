using System.Text.Json.Nodes;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Values;
using static CriticalMinerals.Tests.Lifecycle.World;

namespace CriticalMinerals.Tests.Lifecycle;

/// <summary>Evidence of a battery whose life spans two logs, checked offline under the newer one's key.</summary>
public sealed class EvidenceOfSuccessors
{
    private readonly World _ended = Opened();
    private readonly World _world;
    private readonly string _battery;
    private readonly Line _line;
    private readonly SignedEntry _released;

    public EvidenceOfSuccessors()
    {
        var firm = _ended.An(Role.SecondLifeOperator);
        _battery = _ended.ABatteryInService();
        (_, _released, _line) = _ended.AReleasedBattery("repurposing", firm, serial: "B1");
        _world = World.After(_ended);
        _world.Admit(_world.Opening());
        _world.Admit(_world.Measures(_world.Maker(), _battery));
        _world.Admit(_world.BeginsSecondLife(firm, _line.Subject, "repurposing", [Take(_released, 0, _line)]));
    }

    private TrustPolicy Policy => new([new NoteVerifier(_world.State.Origin, _world.LogKey.Key.VerifyingKey)]) { Authority = _world.Authority.Key.VerifyingKey };

    [Fact]
    public async Task A_life_over_the_cut_is_verified_with_each_entry_in_the_tree_of_its_log()
    {
        foreach (var subject in new[] { _battery, _line.Subject, _world.Chain })
        {
            var bundle = await BundleAsync(subject);
            var again = EvidenceBundle.Parse(bundle.ToUtf8(), out var rejection);
            Assert.Null(rejection);
            var verdict = EvidenceVerifier.Verify(again!, Policy);
            Assert.True(!verdict.IsRejected, $"{verdict.Rejection}");
            Assert.Contains($"and before it in {Origin} up to size {_ended.Log.Count}", ((LayerVerdict.Verified)verdict.Structure).What, StringComparison.Ordinal);
            Assert.Equal(_ended.Log.Count, (int)again!.Predecessors().Single().Size);
            Assert.Contains(again.Chains, chain => chain.Subject == LogChain);
        }
    }

    [Fact]
    public async Task An_entry_under_another_tree_than_that_of_its_log_is_found()
    {
        var bundle = await BundleAsync(_battery);
        var json = JsonNode.Parse(bundle.ToUtf8())!;
        var entries = json["chains"]![0]!["entries"]!.AsArray();
        entries[0]!["index"] = entries[0]!["index"]!.GetValue<long>() + 1;
        Assert.Equal(Failure.InclusionUnproven, Verify(json).Rejection!.Failure);

        json = JsonNode.Parse(bundle.ToUtf8())!;
        entries = json["chains"]![0]!["entries"]!.AsArray();
        entries[^1]!["proof"]!.AsArray().RemoveAt(0);
        Assert.Equal(Failure.ProofMalformed, Verify(json).Rejection!.Failure);
    }

    [Fact]
    public async Task Without_the_predecessor_s_log_chain_its_keys_are_unknown()
    {
        var json = JsonNode.Parse((await BundleAsync(_battery)).ToUtf8())!;
        json["chains"]!.AsArray().Remove(json["chains"]!.AsArray().Single(chain => chain!["sub"]!.GetValue<string>() == LogChain));
        Assert.Equal(Failure.BundleIncomplete, Verify(json).Rejection!.Failure);
    }

    [Fact]
    public async Task A_chain_without_what_it_went_on_with_is_not_whole()
    {
        var json = JsonNode.Parse((await BundleAsync(_battery)).ToUtf8())!;
        json["chains"]![0]!["entries"]!.AsArray().RemoveAt(json["chains"]![0]!["entries"]!.AsArray().Count - 1);
        Assert.Equal(Failure.HeadMismatch, Verify(json).Rejection!.Failure);
    }

    [Fact]
    public async Task The_key_of_the_predecessor_is_no_key_of_the_successor()
    {
        var bundle = await BundleAsync(_battery);
        var other = new TrustPolicy([new NoteVerifier(_world.State.Origin, _ended.LogKey.Key.VerifyingKey)]);
        Assert.Equal(Failure.NoteUnsigned, EvidenceVerifier.Verify(bundle, other).Rejection!.Failure);
        var forged = bundle with { Checkpoint = Checkpoint(_ended.LogKey.Key) };
        Assert.Equal(Failure.LogKeyForeign, EvidenceVerifier.Verify(forged, other).Rejection!.Failure);
    }

    [Fact]
    public async Task A_key_stolen_before_the_cut_and_reported_after_it_disputes_what_it_signed_in_between()
    {
        var maker = _world.Maker();
        var index = _ended.Log.FindLastIndex(e => e.Entry.Subject == _battery);
        _world.Admit(_world.ReportsKey(_world.Authority, maker, index - _ended.Log.Count));
        var bundle = await BundleAsync(_battery);
        var verdict = EvidenceVerifier.Verify(bundle, Policy);
        Assert.True(!verdict.IsRejected, $"{verdict.Rejection}");
        Assert.Equal([(ulong)index, 1UL], verdict.Disputed);
    }

    private Verdict Verify(JsonNode json) => EvidenceVerifier.Verify(System.Text.Encoding.UTF8.GetBytes(json.ToJsonString()), Policy);

    private SignedNote Checkpoint(SigningKey key) => new Checkpoint(_world.State.Origin, (ulong)_world.Log.Count, MerkleTree.Root([.. _world.Log.Select(e => e.Entry.LeafHash)])).Sign(key);

    private async Task<EvidenceBundle> BundleAsync(string subject)
    {
        var (before, all) = (_ended.Log.Count, (IReadOnlyList<SignedEntry>)[.. _ended.Log, .. _world.Log]);
        LoggedEntry See(int index) => new(index - before, all[index]);
        var (selection, fault) = await EvidenceSelection.SelectAsync(
            subject,
            _world.State.Origin,
            name => Task.FromResult<IReadOnlyList<LoggedEntry>>([.. Enumerable.Range(0, all.Count).Where(i => all[i].Entry.Subject == name).Select(See)]),
            hash => Task.FromResult<LoggedEntry?>(See(all.ToList().FindIndex(e => e.Entry.LeafHash == hash))));
        Assert.Null(fault);
        var (old, now) = (Grown(_ended), Grown(_world));
        var size = _world.Log.Count;
        var time = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
        return selection!.ToBundle(
            _world.State.Origin,
            Checkpoint(_world.LogKey.Key),
            selection.Chains.Keys.ToDictionary(name => name, name =>
            {
                var newest = all.Last(e => e.Entry.Subject == name).Entry;
                return HeadStatement.Sign(_world.Head.Key, _world.Head.KeyId, _world.State.Origin, name, newest.Sequence, newest.LeafHash, size, time, time.AddMinutes(5));
            }),
            selection.Indexes.ToDictionary(index => index, index => index < 0 ? old.ProofOf((ulong)(index + before)).Path : now.ProofOf((ulong)index).Path));
    }

    private static GrownTree Grown(World world) => new(RightEdge.Empty, [.. world.Log.Select(e => e.Entry.LeafHash)]);
}
