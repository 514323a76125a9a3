import InterlockCommandLine
package import InterlockPorts

extension LaunchFailure: FailureCause {}
