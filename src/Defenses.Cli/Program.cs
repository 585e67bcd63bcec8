return await DefenseBench.Commands.EntryPoint.Run(args);
