namespace Defenses.Attacks;

/// <summary>An attack within a budget: a perturbation has at most the size ε in the norm.</summary>
public abstract record BudgetAttack : Attack
{
    /// <summary>An attack within a budget.</summary>
    /// <param name="epsilon">The budget, in the units of the model's bounds and of the norm; 0 or above. Some attacks need a budget above 0.</param>
    protected BudgetAttack(double epsilon) => Epsilon = epsilon;

    /// <summary>The budget, in the units of the model's bounds and of the norm; 0 or above. Some attacks need a budget above 0.</summary>
    public double Epsilon
    {
        get;
        init => field = NeedsBudget ? Require.Positive(value, nameof(Epsilon)) : Require.NotNegative(value, nameof(Epsilon));
    }

    /// <summary>The norm of the budget: L1, L2 or (default) L∞.</summary>
    public override Norm Norm { get; init => field = Norm.Budget(value, nameof(Norm)); } = Norm.Linf;

    /// <summary>Whether a budget of 0 is refused. A constant of the attack: the constructor of this record reads it.</summary>
    private protected virtual bool NeedsBudget => false;
}
