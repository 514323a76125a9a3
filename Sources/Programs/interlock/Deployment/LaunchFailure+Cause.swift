import InterlockCommandLine
import InterlockPorts

extension LaunchFailure: FailureCause {}
