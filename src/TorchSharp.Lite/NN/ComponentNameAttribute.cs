namespace TorchSharp.Utils;

// The key under which a field's module, parameter or buffer is registered; without it, the field's own name.
[AttributeUsage(AttributeTargets.Field)]
public class ComponentNameAttribute : Attribute
{
    public string Name { get; set; } = null!;
}
