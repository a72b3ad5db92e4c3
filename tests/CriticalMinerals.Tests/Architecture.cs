using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.CompilerServices;
using System.Xml.Linq;
using CriticalMinerals.Ledger;
using CriticalMinerals.Lifecycle;

namespace CriticalMinerals.Tests;

/// <summary>Who may know whom. A new arrow is a decision, so it is made here.</summary>
public sealed class Architecture
{
    [Theory]
    [InlineData("Ledger")]
    [InlineData("Lifecycle", "Ledger")]
    [InlineData("Client", "Ledger", "Lifecycle")]
    [InlineData("Cli", "Client", "Ledger", "Lifecycle")]
    [InlineData("Service", "Client", "Ledger", "Lifecycle")]
    public void A_project_refers_only_to_those_below_it(string project, params string[] allowed)
    {
        var references = Elements(project, "ProjectReference").Select(r => Path.GetFileNameWithoutExtension(r.Replace('\\', '/')));
        Assert.Empty(references.Where(r => r.StartsWith("CriticalMinerals.", StringComparison.Ordinal)).Select(r => r["CriticalMinerals.".Length..]).Except(allowed));
    }

    [Fact]
    public void Evidence_rests_on_one_package_and_its_meaning_on_none()
    {
        Assert.Equal(["NSec.Cryptography"], Elements("Ledger", "PackageReference"));
        Assert.Empty(Elements("Lifecycle", "PackageReference"));
    }

    [Fact]
    public void Only_the_two_key_files_touch_the_cryptography_package() =>
        Assert.Equal(
            ["SigningKey.cs", "VerifyingKey.cs"],
            Directory.EnumerateFiles(Source("Ledger"), "*.cs", SearchOption.AllDirectories)
                .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && File.ReadAllText(f).Contains("NSec", StringComparison.Ordinal))
                .Select(Path.GetFileName).Order(StringComparer.Ordinal));

    [Theory]
    [InlineData(typeof(Entry))]
    [InlineData(typeof(LifecycleEvent))]
    public void Evidence_and_rules_know_no_network_no_file_no_clock_and_no_thread(Type inside)
    {
        foreach (var (type, member) in Mentions(inside.Assembly))
        {
            Assert.False(
                type.StartsWith("System.Net", StringComparison.Ordinal)
                    || type is "System.IO.File" or "System.IO.FileStream" or "System.IO.Directory" or "System.Diagnostics.Process" or "System.Console"
                    || type is "System.TimeProvider" or "System.Diagnostics.Stopwatch" or "System.Threading.Thread" or "System.Threading.Timer" or "System.Random"
                    || (type == "System.Environment" && member is not ("" or "get_CurrentManagedThreadId")) // asked by every iterator
                    || (type is "System.DateTime" or "System.DateTimeOffset" && member is "get_Now" or "get_UtcNow" or "get_Today"),
                $"{inside.Assembly.GetName().Name} uses {type}.{member}");
        }
    }

    [Fact]
    public void Rules_make_nothing_up() => Assert.DoesNotContain(
        Mentions(typeof(LifecycleEvent).Assembly),
        m => m.Type is "System.Security.Cryptography.RandomNumberGenerator" or "System.Guid" && m.Member is "NewGuid" or "GetBytes" or "Fill");

    /// <summary>Every type and member of other assemblies that an assembly's code names.</summary>
    private static List<(string Type, string Member)> Mentions(Assembly assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly.Location));
        var metadata = file.GetMetadataReader();
        string NameOf(TypeReferenceHandle handle)
        {
            var type = metadata.GetTypeReference(handle);
            return $"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}";
        }

        var found = metadata.TypeReferences.Select(t => (NameOf(t), "")).ToList();
        foreach (var handle in metadata.MemberReferences)
        {
            var member = metadata.GetMemberReference(handle);
            if (member.Parent.Kind == HandleKind.TypeReference)
            {
                found.Add((NameOf((TypeReferenceHandle)member.Parent), metadata.GetString(member.Name)));
            }
        }

        return found;
    }

    private static IEnumerable<string> Elements(string project, string name) =>
        XDocument.Load(Path.Combine(Source(project), $"CriticalMinerals.{project}.csproj")).Descendants(name).Select(e => e.Attribute("Include")!.Value);

    private static string Source(string project, [CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../src", $"CriticalMinerals.{project}"));
}
