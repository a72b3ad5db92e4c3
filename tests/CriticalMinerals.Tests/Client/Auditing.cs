using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using CriticalMinerals.Client;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Tests.Lifecycle;

namespace CriticalMinerals.Tests.Client;

/// <summary>Whole audits over a folder of public files, as a mirror or a backup has it.</summary>
public sealed class Auditing : IDisposable
{
    private readonly Folder _folder = new();
    private readonly World _world = World.Opened();
    private readonly Party _mine = Party.Of("did:web:mine.example");

    public Auditing() => _world.Admit(_world.Enrols(_mine, Role.Miner));

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private NoteVerifier Key => new(World.Origin, _world.LogKey.Key.VerifyingKey);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(254)]
    [InlineData(255)]
    [InlineData(300)]
    public async Task A_sound_log_is_verified_and_what_was_not_looked_at_is_said(int lots)
    {
        Grow(lots);
        Publish();
        var report = await Audit();

        Assert.Null(report.Rejection);
        Assert.Equal((ulong)lots + 2, report.Entries);
        Assert.Equal(lots, report.Chains[ChainKind.Lot]);
        Assert.Contains(report.NotChecked, n => n.Contains("withheld disclosures", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_altered_entry_is_named_by_its_index_with_what_was_expected_and_found()
    {
        Grow(10);
        Publish();
        var file = _folder["tile/entries/000.p/12"];
        var bytes = await File.ReadAllBytesAsync(file, Now);
        var entries = EntryBundle.Decode(bytes, 12, out _)!.Select(e => e.ToArray()).ToArray();
        entries[7][^1] ^= 1;
        await File.WriteAllBytesAsync(file, EntryBundle.Encode([.. entries.Select(e => new ReadOnlyMemory<byte>(e))]), Now);
        var report = await Audit();

        Assert.Equal(7UL, report.Rejection!.Index);
        Assert.Contains("not those that the log signed", report.Rejection.Detail, StringComparison.Ordinal);
        Assert.Equal($"leaf hash {_world.Log[7].Entry.LeafHash}", report.Rejection.Expected);
        Assert.Empty(report.Checked);
    }

    [Fact]
    public async Task A_log_that_admitted_what_the_rules_refuse_is_caught_at_that_entry()
    {
        Grow(3);
        var stranger = Party.Of("did:web:stranger.example");
        _world.Log.Add(_world.Extracts(stranger, World.Uuid(), "5"));
        Grow(2);
        Publish();
        var report = await Audit();
        Assert.Equal((5UL, "operator-unknown"), (report.Rejection!.Index!.Value, report.Rejection.Rule));
    }

    [Fact]
    public async Task A_log_that_goes_on_from_the_last_audit_is_verified_and_the_memory_moves()
    {
        Grow(5);
        Publish();
        await Audit(remember: true);
        Grow(5);
        Publish();
        var report = await Audit(remember: true);

        Assert.Null(report.Rejection);
        Assert.Contains(report.Checked, c => c.Contains("the 7 entries of the last audit", StringComparison.Ordinal));
        Assert.Equal(12UL, AuditMemory.Read(_folder["state"])!.Checkpoint.Size);
    }

    [Fact]
    public async Task A_log_that_shows_another_history_is_proved_by_two_signed_checkpoints()
    {
        Grow(5);
        Publish();
        await Audit(remember: true);
        var first = AuditMemory.Read(_folder["state"])!;

        // The same keys, the same beginning, other entries.
        var fork = new World { Authority = _world.Authority };
        _world.Log.Take(2).ToList().ForEach(e => fork.Admit(e));
        Enumerable.Range(0, 6).ToList().ForEach(_ => fork.Admit(fork.Extracts(_mine, World.Uuid(), "1")));
        _world.Log.Clear();
        _world.Log.AddRange(fork.Log);
        Publish();
        var report = await Audit(remember: true);

        Assert.Equal(Failure.ConsistencyUnproven, report.Rejection!.Failure);
        Assert.Equal(first.Note.ToString(), report.Contradicted);
        Assert.Equal(first.Checkpoint, AuditMemory.Read(_folder["state"])!.Checkpoint);
    }

    [Fact]
    public async Task A_log_that_became_shorter_is_rejected()
    {
        Grow(5);
        Publish();
        await Audit(remember: true);
        _world.Log.RemoveAt(_world.Log.Count - 1);
        Publish();
        Assert.Equal(Failure.ConsistencyUnproven, (await Audit(remember: true)).Rejection!.Failure);
    }

    [Fact]
    public async Task A_checkpoint_by_another_key_is_not_audited_at_all()
    {
        Grow(1);
        Publish();
        var auditor = new Auditor(LogFiles.In(_folder.Path)) { Keys = [new NoteVerifier(World.Origin, SigningKey.Generate().VerifyingKey)] };
        Assert.Equal(LedgerApiException.AnswerUnsound, (await Assert.ThrowsAsync<LedgerApiException>(() => auditor.AuditAsync(Now))).Code);
    }

    [Fact]
    public async Task A_state_file_that_was_altered_is_not_believed()
    {
        Grow(1);
        Publish();
        await Audit(remember: true);
        var text = await File.ReadAllTextAsync(_folder["state"], Now);
        await File.WriteAllTextAsync(_folder["state"], text.Replace("\\n3\\n", "\\n2\\n", StringComparison.Ordinal), Now);
        await Assert.ThrowsAsync<InvalidDataException>(() => Audit(remember: true));
    }

    [Fact]
    public async Task Who_may_see_the_quantities_checks_them_and_who_may_not_goes_on_without()
    {
        var lot = Decided(_world.Extracts(_mine, World.Uuid(), "10"));
        _world.Log.Add(lot);
        _world.Log.Add(Decided(_world.Allocates(_mine, lot.Entry.Subject, new Line(World.Uuid(), _mine, "4"), new Line(World.Uuid(), _mine, "6"))));
        using var door = new Door(_world);
        var report = await Audit(door, asWhom: null);
        Assert.Equal((true, 2L), (report.IsVerified, report.WithheldQuantities));
        Assert.DoesNotContain(door.Asked, asked => asked.Address.AbsolutePath.StartsWith("/disclosures", StringComparison.Ordinal));

        // The door tells nobody any disclosures yet.
        report = await Audit(door, _mine);
        Assert.Equal((true, 2L), (report.IsVerified, report.WithheldQuantities));
        Assert.DoesNotContain(report.Checked, c => c.StartsWith("quantities", StringComparison.Ordinal));

        door.Files["/disclosures/0"] = Disclosures(_world.Log);
        report = await Audit(door, _mine);
        Assert.Null(report.Rejection);
        Assert.Equal(0, report.WithheldQuantities);
        Assert.Contains("quantities: all are shown (2 lines), and no chain gives more than it holds", report.Checked);
        Assert.DoesNotContain(report.NotChecked, n => n.Contains("withheld", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_lot_that_gave_more_than_it_holds_is_found_by_who_may_see_the_quantities_alone()
    {
        var lot = Decided(_world.Extracts(_mine, World.Uuid(), "10"));
        _world.Log.Add(lot);
        _world.Log.Add(_world.Allocates(_mine, lot.Entry.Subject, new Line(World.Uuid(), _mine, "10.5")));
        using var door = new Door(_world);
        Assert.Null((await Audit(door, asWhom: null)).Rejection);

        door.Files["/disclosures/0"] = Disclosures(_world.Log);
        var rejection = (await Audit(door, _mine)).Rejection!;
        Assert.Equal((3UL, "quantity-exceeded"), (rejection.Index!.Value, rejection.Rule));
    }

    [Fact]
    public async Task A_disclosure_that_was_not_signed_is_named_by_its_entry_and_one_that_is_none_is_no_answer()
    {
        var lot = Decided(_world.Extracts(_mine, World.Uuid(), "10"));
        _world.Log.Add(lot);
        using var door = new Door(_world);
        var mass = lot.Disclosures.Single(d => d.Name == "mass");
        door.Files["/disclosures/0"] = Encoding.UTF8.GetBytes(
            Encoding.UTF8.GetString(Disclosures(_world.Log)).Replace(mass.Text, Disclosure.Create(mass.Salt, "mass", "11").Text, StringComparison.Ordinal));
        var rejection = (await Audit(door, _mine)).Rejection!;
        Assert.Equal((2UL, Failure.DisclosureUnmatched), (rejection.Index!.Value, rejection.Failure));

        foreach (var answer in (string[])["{}", """{"entries":[{"index":2}]}""", """{"entries":[{"index":2,"disclosures":[1]}]}""", """{"entries":[{"index":2,"disclosures":[]},{"index":2,"disclosures":[]}]}"""])
        {
            door.Files["/disclosures/0"] = Encoding.UTF8.GetBytes(answer);
            Assert.Equal(LedgerApiException.AnswerUnsound, (await Assert.ThrowsAsync<LedgerApiException>(() => Audit(door, _mine))).Code);
        }
    }

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized)]
    [InlineData(HttpStatusCode.Forbidden)]
    public async Task Who_is_refused_the_disclosures_of_one_bundle_asks_for_no_other_and_audits_the_rest(HttpStatusCode status)
    {
        Grow(300);
        using var door = new Door(_world);
        using var refusing = new Refusing(door, status);
        var report = await Audit(refusing, _mine);
        Assert.Equal((true, 302UL, 1), (report.IsVerified, report.Entries, refusing.Count));
        Assert.Contains(report.NotChecked, n => n.Contains("withheld disclosures", StringComparison.Ordinal));
    }

    private Task<AuditReport> Audit(HttpMessageHandler door, Party? asWhom)
    {
        var api = new LedgerApi(new HttpClient(door, disposeHandler: false) { BaseAddress = new Uri(Door.Address) }, asWhom is null ? null : new Caller(World.Origin, asWhom.KeyId, asWhom.Key));
        return new Auditor(LogFiles.At(api)) { Keys = [Key] }.AuditAsync(Now);
    }

    internal static byte[] Disclosures(List<SignedEntry> log) => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["bundle"] = 0,
        ["size"] = log.Count,
        ["entries"] = new JsonArray([.. log.Select((signed, index) => (JsonNode)new JsonObject
        {
            ["index"] = index,
            ["disclosures"] = new JsonArray([.. signed.Disclosures.Select(d => (JsonNode)d.Text)]),
        })]),
    }.ToJsonString());

    private Task<AuditReport> Audit(bool remember = false) =>
        new Auditor(LogFiles.In(_folder.Path)) { Keys = [Key], StateFile = remember ? _folder["state"] : null }.AuditAsync(Now);

    private void Grow(int lots)
    {
        for (var i = 0; i < lots; i++)
        {
            _world.Log.Add(Decided(_world.Extracts(_mine, World.Uuid(), "1")));
        }
    }

    // Past the world's own count of its log, so that a dishonest entry may stand among honest ones.
    private SignedEntry Decided(SignedEntry signed)
    {
        Assert.IsType<Decision.Admitted>(Admission.Decide(_world.State, Candidate.Read(signed, out _)!));
        return signed;
    }

    private void Publish() => _folder.Publish(_world);

    /// <summary>Tells no disclosures to whoever asks.</summary>
    private sealed class Refusing(HttpMessageHandler inner, HttpStatusCode status) : DelegatingHandler(inner)
    {
        public int Count { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (!request.RequestUri!.AbsolutePath.StartsWith("/disclosures/", StringComparison.Ordinal))
            {
                return base.SendAsync(request, cancellationToken);
            }

            Count++;
            return Task.FromResult(new HttpResponseMessage(status) { Content = new StringContent("""{"code":"refused","detail":"Not for you."}""", Encoding.UTF8, "application/problem+json") });
        }
    }
}
