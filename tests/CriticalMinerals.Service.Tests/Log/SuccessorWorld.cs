using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle.Values;
using CriticalMinerals.Service.Tests.Passports;
using CriticalMinerals.Service.Tests.Postgres;

namespace CriticalMinerals.Service.Tests.Log;

/// <summary>Logs that go on from others: how one is made, and what must be the same before and after.</summary>
internal static class SuccessorWorld
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>What the world's log signs its checkpoints with.</summary>
    public static NoteVerifier VerifierKey(this World world) => new(world.Says.Origin, world.Says.LogKey.Key.VerifyingKey);

    /// <summary>The command that takes ended logs over, their files the oldest first.</summary>
    public static Task<(int ExitCode, string Errors)> TakeOverAsync(this World world, params FilesOfALog[] files) => RestoreAsync(world, files, "--successor");

    /// <summary>The command that brings a log's own files, after those of the logs before it.</summary>
    public static Task<(int ExitCode, string Errors)> RestoreAsync(this World world, params FilesOfALog[] files) => RestoreAsync(world, files, []);

    /// <summary>Starts on the logs that were taken over and opens, after the last of them.</summary>
    public static async Task GoOnAsync(this World world, FilesOfALog last)
    {
        await world.StartAsync();
        await world.AdmitAsync(world.Says.Opens(after: last.After()));
    }

    public static Task<JsonNode> PassportAsync(this World world, string battery, string? at = null) => PassportAsync(world.Http(), $"/{Gs1.Path(battery)}{(at is null ? "" : "?at=" + at)}");

    /// <summary>The head of every chain as the service states it.</summary>
    public static Task<List<string>> HeadsAsync(this World world) => HeadsAsync(world.Http(), world.OwnerConnection);

    /// <summary>A ledger of at least a full tile that ended, and its files.</summary>
    public static async Task<(World Ended, FilesOfALog Files)> EndedAsync(PostgresServer postgres)
    {
        var ended = await SmallLedger.InAsync(postgres);
        var mine = await ended.AnAsync(Role.Miner);
        await ended.AdmitAsync([.. Enumerable.Range(0, 300).Select(_ => ended.Says.Extracts(mine, Author.Uuid()))]);
        var files = await FilesOfALog.DisclosedAsync(ended);
        await ended.StopAsync();
        return (ended, files);
    }

    /// <summary>A successor of such a ledger, with some entries of its own.</summary>
    public static async Task<(World Ended, World Next)> SmallAsync(PostgresServer postgres)
    {
        var (ended, files) = await EndedAsync(postgres);
        using (files)
        {
            var next = await World.AfterAsync(postgres, ended);
            Assert.Equal((0, ""), await next.TakeOverAsync(files));
            await next.GoOnAsync(files);
            await next.ALotAsync();
            await next.CheckpointAsync(2);
            return (ended, next);
        }
    }

    private static async Task<(int ExitCode, string Errors)> RestoreAsync(World world, FilesOfALog[] files, params string[] more)
    {
        var keys = Path.Combine(world.Folder.Parent, "logs.vkey");
        await File.WriteAllTextAsync(keys, string.Concat(files.Select(f => System.Text.Encoding.UTF8.GetString(f.Read("vkey")))), Cancel);
        return await world.RunAsync(["restore", .. files.SelectMany(f => new[] { "--from", f.Path }), "--vkey", keys, .. more]);
    }

    // An entry has another index in the log that it goes on in.
    public static string WithoutIndexes(JsonNode? value) => Regex.Replace(value?.ToJsonString() ?? "", "\"index\":-?[0-9]+", "\"index\":0");

    public static async Task<JsonNode> PassportAsync(HttpClient http, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd("application/json");
        using var answer = await http.SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancel))!;
    }

    public static List<string> Events(JsonNode passport) => [.. passport["timeline"]!.AsArray().Select(entry => entry!["event"]!.GetValue<string>())];

    public static async Task<List<string>> HeadsAsync(HttpClient http, string database)
    {
        var heads = new List<string>();
        await using var owner = Npgsql.NpgsqlDataSource.Create(database);
        await using var command = owner.CreateCommand("select sub from ledger.chain order by sub");
        await using var rows = await command.ExecuteReaderAsync(Cancel);
        while (await rows.ReadAsync(Cancel))
        {
            var text = await http.GetStringAsync("/head?sub=" + Uri.EscapeDataString(rows.GetString(0)), Cancel);
            var head = JsonNode.Parse(StrictBase64Url.Decode(text.Split('.')[1])!)!;
            heads.Add($"{head["sub"]} {head["seq"]} {head["h"]}");
        }

        return heads;
    }
}
