import { filesUnder } from '../../scripts/source-files.ts';
import { textOf } from './pages.ts';

/** Of PyTorch's tests of torchrun those that can be told from outside, and then what they lack, written down apart from our tests. */
export const TORCHRUN_CASES: readonly string[] = `
test_launch_user_script_python
test_launch_user_script_python_caffe2_bc
test_launch_user_script_default_nproc
test_launch_with_env_vars
test_nproc_launch_number_configurations
test_nproc_launch_unknown_configurations
test_determine_local_world_size_cpu
test_determine_local_world_size_integer
test_determine_local_world_size_invalid
test_launch_elastic
test_launch_elastic_agent_raise_exception
test_launch_standalone
test_launch_elastic_multiple_agents
test_min_max_nodes_parse
test_parse_min_max_nnodes_*
test_is_torchelastic_launched
test_is_not_torchelastic_launched
test_init_method_tcp_with_torchelastic
test_init_method_env_with_torchelastic
test_capture_logs_using_default_logs_specs
test_logs_logs_spec_entrypoint_must_be_defined
test_single_node_defaults_to_free_port
test_single_node_explicit_port_uses_static
test_standalone_still_works
test_get_rdzv_endpoint_*
test_launch_without_env
test_launch_with_env
test_rdzv_handler_shutdown_on_agent_signal
test_rdzv_handler_shutdown_on_agent_error
StdTest.test_from_value
StdTest.test_from_value_map
StdTest.test_from_str_bad_input
test_invalid_log_dir
test_binary_exit
test_binary_signal
test_binary_incorrect_entrypoint
test_binary_redirect_and_tee
test_binary_duplicate_log_filters
test_function_raise
test_no_zombie_process_binary
test_wait_for_all_child_procs_to_exit
test_args_env_len_mismatch
test_validate_full_rank
test_start_handles_invalid_signals
ShutdownTimeoutTest.*
test_rank_restart_after_failure
fail_rank_one_once
run_bipolar_function
run_check_env_function
run_check_nccl_async_error_handling_env
run_check_nccl_async_error_handling_env_default
run_distributed_sum_homogeneous
test_run_with_custom_log_lines
workers_drift_success
workers_drift_fail
barrier_failed
correct_rank_assignment_*
test_assign_worker_ranks
run_agent_local_watchdog_setup_enabled
run_agent_local_watchdog_setup_disabled
launcher SIGKILL leaves no orphan
hung rank named
early exit-0 rank named
first-failed rank right
second signal forces
lines never mangled
temp dirs removed
exit code propagated
SIGSTOPped rank noticed
`
  .trim()
  .split('\n');

const FILES = filesUnder(['test'], ['.test.ts']).map(({ path }) => path);

/** The names of the tests in a file, groups and rows of tables included: every text that is the first argument of a call or of a row. */
const namesIn = (file: string): readonly string[] =>
  [...textOf(file).matchAll(/[([]\s*(['"`])(.*?)\1,/g)].map(([, , name = '']) => name);

/** The files with a test that is called as a case is. Throws a RangeError when there is none. */
export function filesOfCase(name: string): readonly string[] {
  const whole = new RegExp(`(?<![\\w.])${name.replaceAll(/[.*]/g, '\\$&')}(?!\\w|\\*)`);
  const files = FILES.filter((file) => namesIn(file).some((text) => whole.test(text)));
  if (files.length === 0) throw new RangeError(`no test is called ${name}`);
  return files;
}
