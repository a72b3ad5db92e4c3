namespace CriticalMinerals.Service;

/// <summary>The service cannot start as configured. The message is one sentence or two for the person at the terminal: what is wrong and what to do.</summary>
public sealed class StartupException(string message, Exception? cause = null) : Exception(message, cause);
