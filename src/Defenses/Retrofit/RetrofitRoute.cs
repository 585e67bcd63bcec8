namespace Defenses.Retrofit;

/// <summary>How a layer got into a model.</summary>
public enum RetrofitRoute
{
    /// <summary>The slot of a container (Sequential, ModuleList, ModuleDict) holds another module now.</summary>
    Slot,

    /// <summary>The field or fields of the parent that held the module hold another one now, and so does the parent's registry.</summary>
    Field,

    /// <summary>
    /// The module stays where it is and a hook runs the layer, because a field of a concrete type can hold no other module. Hooks run
    /// when the module is called with <c>call()</c>, and never with <c>forward()</c>.
    /// </summary>
    Hook,
}
