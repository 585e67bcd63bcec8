namespace Defenses.Retrofit;

/// <summary>Where an inserted layer stands relative to the module it was inserted for.</summary>
public enum Placement
{
    /// <summary>Directly before the module: module(layer(x)).</summary>
    Before,

    /// <summary>Directly after the module: layer(module(x)).</summary>
    After,

    /// <summary>In place of the module: layer(x).</summary>
    Instead,
}
