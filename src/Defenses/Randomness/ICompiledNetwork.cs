namespace Defenses.Randomness;

/// <summary>A network that is compiled: nothing can be put into it, and its layers are not seen.</summary>
internal interface ICompiledNetwork;
