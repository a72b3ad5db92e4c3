using System.Text.Json;

namespace CriticalMinerals.Lifecycle;

/// <summary>The one spelling rule of codes, roles and enumerated values on the wire: <c>SecondLifeOperator</c> is <c>second-life-operator</c>.</summary>
internal static class KebabCase
{
    internal static string Of(string name) => JsonNamingPolicy.KebabCaseLower.ConvertName(name);
}
