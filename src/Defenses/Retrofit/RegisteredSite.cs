using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Retrofit;

/// <summary>A registered child of a custom module, of a ModuleList or a ModuleDict: the registry says its key, fields say what runs.</summary>
internal sealed class RegisteredSite(nn.Module parent, string name, string path, nn.Module module) : ModuleSite(parent, name, path, module)
{
    internal override RetrofitRoute Route => ModuleTree.IsContainer(Parent.GetType()) ? RetrofitRoute.Slot : RetrofitRoute.Field;

    internal override string? Obstacle
    {
        get
        {
            var cells = Cell.Holding(Parent, Module);
            var owner = Parent.GetType().Name;
            if (cells.Count == 0) return $"{owner} keeps it in no field, list or dictionary that could hold another module";
            var narrow = cells.FirstOrDefault(cell => !cell.Type.IsAssignableFrom(typeof(Spliced)));
            return narrow is null ? null : $"{owner} holds it in {narrow.Name} of type {narrow.Type.Name}, which can hold no other module";
        }
    }

    internal override void Put(nn.Module<Tensor, Tensor> module)
    {
        var children = Registry.Of(Parent);
        foreach (var (key, child) in Registry.Entries(Parent))
            if (ReferenceEquals(child, Module)) children[key] = module;
        foreach (var cell in Cell.Holding(Parent, Module)) cell.Set(module);
    }
}
