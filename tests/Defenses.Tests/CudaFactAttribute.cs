using TorchSharp;

namespace Defenses.Tests.Contracts;

/// <summary>A test that needs a CUDA device; without one it is reported as skipped with the reason.</summary>
public sealed class CudaFactAttribute : FactAttribute
{
    public CudaFactAttribute()
    {
        if (!torch.cuda.is_available()) Skip = $"needs a CUDA device; torch {torch.__version__} sees none here";
    }
}
