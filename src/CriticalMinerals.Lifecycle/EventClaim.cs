using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace CriticalMinerals.Lifecycle;

/// <summary>One property of an event's data: its wire name, its type, and what its attribute says. Reads one value and refuses a wrong one.</summary>
public sealed class EventClaim
{
    internal EventClaim(PropertyInfo property, ClaimAttribute claim)
    {
        Property = property;
        Claim = claim;
        Name = JsonNamingPolicy.CamelCase.ConvertName(property.Name);
        IsRequiredInClear = property.GetCustomAttribute<RequiredMemberAttribute>() is not null;
        Bounds = new Bounds(property);
    }

    /// <summary>Wire name.</summary>
    public string Name { get; }

    /// <summary>The record's property.</summary>
    public PropertyInfo Property { get; }

    /// <summary>Access class, claim kind, unit, bounds, law.</summary>
    public ClaimAttribute Claim { get; }

    internal Bounds Bounds { get; }

    /// <summary>Whether it must be there whatever is withheld.</summary>
    public bool IsRequiredInClear { get; }

    /// <summary>Whether it is signed as a digest.</summary>
    public bool IsDisclosed => Claim.Kind is ClaimKind.Confidential or ClaimKind.Erasable;

    internal Refusal? CheckPlace(bool disclosed) =>
        disclosed == IsDisclosed ? null :
        IsDisclosed ? new Refusal(RefusalCode.ClaimInClear, $"{Name} has access class {Claim.Access} and must not stand in clear: sign its digest and send the disclosure.") :
        new Refusal(RefusalCode.ClaimDisclosed, $"{Name} is public and stands in clear, not in a disclosure.");

    internal bool TryRead(JsonElement value, out object? content, out Refusal? refusal)
    {
        content = null;
        try
        {
            content = value.ValueKind == JsonValueKind.String && Property.PropertyType == typeof(string) ? value.GetString() : value.Deserialize(Property.PropertyType, EventJson.Options);
            var wrong = content is null || StrictText.HoldsNull(value) ? "null says nothing: leave it out" : StrictText.Check(content, Bounds);
            refusal = wrong is null ? null : new Refusal(RefusalCode.DataInvalid, $"{Name}: {wrong}.");
        }
        catch (JsonException mistake)
        {
            refusal = new Refusal(RefusalCode.DataInvalid, $"{Name}: {StrictText.Reason(mistake)}.");
        }

        return refusal is null;
    }
}
